package service

import (
	"context"
	"fmt"
	"strings"
)

var rsync = protocol{name: "rsync", ports: []int{873}, first: true, knows: func(_ bool, h string) (Service, bool) {
	return Service{Version: strings.Fields(firstLine(h) + " - -")[1]}, text(h, "@RSYNCD: ")
}}

// maxModules bounds the modules of an rsync server that are tried.
const maxModules = 4

// askRsync asks for the list of modules, and of some of them whether a password
// is wanted; it hangs up before any file is named.
func askRsync(ctx context.Context, t Target) (a Access, err error) {
	var modules []string
	err = t.speak(ctx, func(k *talk) error {
		if said, err := k.hear(line); !text(said, "@RSYNCD: ") {
			return strange(said, err)
		}
		t.quiet(k) // names
		said, err := k.ask("@RSYNCD: 30.0\n#list\n", func(s string) bool { return has(s, "@RSYNCD: EXIT", "@ERROR") })
		if !has(said, "@RSYNCD: EXIT") {
			return strange("", or2(err, errStrange))
		}
		for l := range strings.Lines(said) {
			if name, _, ok := strings.Cut(l, "\t"); ok && !text(l, "@") {
				modules = append(modules, strings.TrimSpace(name))
			}
		}
		return nil
	})
	if err != nil {
		return a, err
	}
	if len(modules) == 0 {
		return a, fmt.Errorf("%w: no module is listed, and hidden ones are not guessed", ErrNeedsLogin)
	}
	for i, m := range modules {
		if i == maxModules {
			return Access{}, fmt.Errorf("%w: of %d modules only %d were tried", ErrNeedsLogin, len(modules), maxModules)
		}
		a, err = one(ctx, t, "@RSYNCD: 30.0\n"+m+"\n", func(s string) bool { return strings.Count(s, "\n") > 1 && line(s) && has(s, "\n@RSYNCD: ", "@ERROR") }, func(s string) (Access, bool) {
			switch {
			case has(s, "\n@RSYNCD: OK"):
				return open("%d modules listed, one needs no password", len(modules)), true
			case has(s, "\n@RSYNCD: AUTHREQD", "access denied"):
				return shut("%d modules listed, each wants a password or is closed to us", len(modules)), true
			}
			return Access{}, false
		})
		if err != nil || a.Door == Open {
			return a, err
		}
	}
	return a, nil
}
