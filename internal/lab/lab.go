// Package lab keeps practice servers on loopback: good ones, ones that are
// wrong in exactly one way, and hostile ones that try to ruin a scanner. The
// demo, the tests and the benchmarks scan these and never a live host.
//
// A [Recipe] says what a server does; [Start] runs it; [Server.Close] ends it
// with every connection and goroutine it had. Nothing here listens anywhere
// but on loopback, no connection outlives five minutes, and no server holds
// more than a bounded number of them.
package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

// Nature is how a practice server means to behave.
type Nature int

// The natures, in the order in which recipes are listed.
const (
	Good    Nature = iota // does everything right
	Bad                   // as good, but for one thing
	Hostile               // attacks whoever looks at it
)

// String gives the nature in lower case.
func (n Nature) String() string {
	switch n {
	case Good:
		return "good"
	case Bad:
		return "bad"
	case Hostile:
		return "hostile"
	}
	return fmt.Sprintf("Nature(%d)", int(n))
}

// Recipe describes one practice server.
type Recipe struct {
	Name   string    // kebab-case, unique
	Kind   string    // "https", "http", "ssh", "smtp", "imap", "ftp", "postgres", "dns" or "tcp"; every hostile one is "tcp"
	Nature Nature    // what it means to do
	About  lang.Text // its one behaviour, as a sentence

	start starter
}

// A starter makes the service of a recipe for the place where it will listen.
type starter func(place) (service, error)

// A service answers on the connections of one gate and returns once the gate
// has closed. What it started for single connections may end a little later.
type service func(*gate)

var recipes = slices.Concat(good, badTLS, badSuites, badHoles, badPicky, badHTTP, badSSH, badTurn, hostile, goodDNS, badDNS, hostileDNS, badWeb, badWalls, dataServices)

// Recipes lists all practice servers, by nature and then by name.
func Recipes() []Recipe {
	return slices.SortedFunc(slices.Values(recipes), func(a, b Recipe) int {
		return cmp.Or(cmp.Compare(a.Nature, b.Nature), cmp.Compare(a.Name, b.Name))
	})
}

// find gives the recipe of that name, or an error that names the nearest.
func find(name string) (Recipe, error) {
	names := make([]string, len(recipes))
	for i, r := range recipes {
		if r.Name == name {
			return r, nil
		}
		names[i] = r.Name
	}
	if near := lang.Nearest(name, names); near != "" {
		return Recipe{}, fmt.Errorf("no practice server is called %q: did you mean %q?", name, near)
	}
	return Recipe{}, fmt.Errorf("no practice server is called %q: there are %s", name, strings.Join(names, ", "))
}
