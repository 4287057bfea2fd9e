package foreign

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
)

// protocolNames are those that tls.suites has for the versions, newest first as
// there.
var protocolNames = []struct{ field, name string }{
	{"tls13", "TLS 1.3"}, {"tls12", "TLS 1.2"}, {"tls11", "TLS 1.1"}, {"tls10", "TLS 1.0"}, {"ssl3", "SSL 3.0"}, {"ssl2", "SSL 2.0"},
}

// suites reads what --each-cipher-per-proto lists. testssl.sh knows every suite
// that has a number and asks for each by its own sockets, so a list of it is
// whole; with --ssl-native it has those of a library, and the flat form does not
// say which it was.
func (r *testsslRun) suites(versions map[string]any) map[string]any {
	lists := map[string][]hello.Suite{}
	listed := false
	for _, id := range slices.Sorted(maps.Keys(r.claims)) {
		rest, ok := strings.CutPrefix(id, "cipher-")
		version, number, ok2 := strings.Cut(rest, "_x")
		n, err := strconv.ParseUint(number, 16, 24)
		if !ok || !ok2 || err != nil {
			continue
		}
		listed = true
		for _, v := range testsslVersions {
			if v.suites == version {
				lists[v.field] = append(lists[v.field], hello.Find(uint32(n)))
			}
		}
	}
	if !listed {
		return nil
	}
	open := map[string]*fact.Unknown{}
	switch {
	case r.trouble != "":
		for _, v := range testsslVersions {
			open[v.field] = indefinite("testssl.sh", r.trouble)
		}
	case !r.whole:
		for _, v := range testsslVersions {
			open[v.field] = fact.Because(fact.Unanswered, "the flat form does not say whether every suite was asked for: write it with --jsonfile-pretty")
		}
	}
	return suiteFields(versions, lists, open)
}

// suiteFields makes the fields of tls.suites of lists by version. A version that
// is refused has none; one that is accepted and shows none, or of which nothing
// is known, is open.
func suiteFields(versions map[string]any, lists map[string][]hello.Suite, open map[string]*fact.Unknown) map[string]any {
	out := map[string]any{}
	all := []checks.Suite{}
	var missing any
	for _, v := range protocolNames {
		names := []string{}
		for _, s := range lists[v.field] {
			names = append(names, s.Name)
			all = append(all, checks.Suite{Protocol: v.name, Name: s.Name, KeyExchange: s.KeyExchange, Authentication: s.Authentication,
				Encryption: s.Encryption, Bits: s.Bits, MAC: s.MAC, AEAD: s.AEAD, ForwardSecrecy: s.ForwardSecrecy,
				Unencrypted: s.Null, Anonymous: s.Anonymous, Export: s.Export})
		}
		switch accepts, known := versions[v.field].(bool); {
		case known && !accepts && len(names) == 0:
			out[v.field] = names
		case open[v.field] != nil:
			out[v.field], missing = open[v.field], open[v.field]
		case known && accepts && len(names) > 0:
			out[v.field] = names
		default:
			u := notCovered()
			out[v.field], missing = u, u
		}
	}
	out["accepted"] = all
	if missing != nil {
		out["accepted"] = missing
	}
	return out
}
