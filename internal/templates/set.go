package templates

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Set is what a folder of templates holds.
type Set struct {
	Templates []*Template // by ID
	Refused   []Refusal   // by file; of those that the filter selects
	Left      int         // not selected by the filter, or no template
	Nothing   []string    // values of the filter that select nothing
	SHA256    string      // of the templates that are used
}

// ReadDir reads all templates below dir that the filter selects. permitted
// tells whether the authorisation names a class; nil permits none.
func ReadDir(dir string, f Filter, permitted func(class string) bool) (*Set, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of templates: %w", err)
	}
	defer func() { _ = root.Close() }()
	pick, err := f.compile()
	if err != nil {
		return nil, err
	}
	files, err := walk(root)
	if err != nil {
		return nil, err
	}
	set := &Set{}
	readings := readAll(root, files, pick)
	first := map[string]string{}
	for _, r := range readings { // in the order of the files
		switch {
		case r.left:
			set.Left++
		case r.refused != nil:
			set.Refused = append(set.Refused, *r.refused)
		case first[r.t.ID] != "":
			set.refuse(r.t, "same-id", first[r.t.ID])
		default:
			first[r.t.ID] = r.t.File
			if c, ok := denied(r.t, permitted); ok {
				set.refuse(r.t, "class", c)
			} else {
				set.Templates = append(set.Templates, r.t)
			}
		}
	}
	slices.SortFunc(set.Templates, func(a, b *Template) int { return cmp.Compare(a.ID, b.ID) })
	set.Nothing, set.SHA256 = pick.nothing(), sum(set.Templates)
	return set, nil
}

func denied(t *Template, permitted func(string) bool) (class string, is bool) {
	for _, c := range t.Classes {
		if permitted == nil || !permitted(c) {
			return c, true
		}
	}
	return "", false
}

func (s *Set) refuse(t *Template, rule string, args ...string) {
	what, instead := say(rule, args)
	s.Refused = append(s.Refused, Refusal{File: t.File, Line: 1, ID: t.ID, Severity: t.Severity, Rule: rule, What: what, Instead: instead})
}

func sum(all []*Template) string {
	h := sha256.New()
	for _, t := range all {
		_, _ = fmt.Fprintln(h, t.ID, t.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// walk lists the files, in order. Folders of the official set that hold no
// templates of their own, and those that begin with a dot, are passed over.
func walk(root *os.Root) ([]string, error) {
	var files []string
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			files = append(files, name) // told as unreadable
			return nil
		case d.IsDir() && name != "." && (strings.HasPrefix(path.Base(name), ".") || slices.Contains([]string{"helpers", "profiles", "workflows"}, name)):
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(path.Base(name), "."):
		case strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml"):
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

// reading is what came of one file: left, refused or a template.
type reading struct {
	t       *Template
	refused *Refusal
	left    bool
}

func readAll(root *os.Root, files []string, pick *picker) []reading {
	all := make([]reading, len(files))
	next := make(chan int)
	var readers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		readers.Go(func() {
			for i := range next {
				all[i] = readOne(root, files[i], pick)
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	readers.Wait()
	return all
}

func readOne(root *os.Root, file string, pick *picker) reading {
	b, err := load(root, file)
	if err != nil {
		v := &vet{t: &Template{File: file}}
		v.refuseAt(1, "unreadable")
		return reading{refused: v.refused}
	}
	v := open(file, b)
	switch {
	case v.refused != nil && v.refused.Rule == "no-id":
		return reading{left: true}
	case v.t.ID != "" && !pick.selects(v.t):
		return reading{left: true}
	}
	t, refused := v.read()
	return reading{t: t, refused: refused}
}

var errKind = errors.New("not a regular file")

// load reads one file, never more than the bound and a byte: what is larger is
// refused by its size.
func load(root *os.Root, file string) ([]byte, error) {
	if info, err := root.Stat(file); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errKind // a pipe would keep the reader waiting
	}
	f, err := root.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var b bytes.Buffer
	_, err = io.Copy(&b, io.LimitReader(f, mostBytes+1))
	return b.Bytes(), err
}
