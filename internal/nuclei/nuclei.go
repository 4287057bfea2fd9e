// Package nuclei runs vetted templates by nuclei's own engine and answers for
// each of them. It is the only package that imports nuclei, and lives in a
// process of its own: importing it costs 0.2 s before main, writes files and
// changes what the whole process does.
//
// An Engine is for one target at a time. Templates are driven one by one, not
// through nuclei's library, which phones home and says nothing where it could
// not look.
package nuclei
