package nuclei

import (
	"context"
	"net/netip"
	"testing"
)

// An engine that has rested keeps its templates and nothing of its target: not
// its answers, its find, its connections, or the right to go there.
func TestRest(t *testing.T) {
	first, conns, requests := counted(t, app("vuln-here"))
	second, _, _ := counted(t, app("nothing here"))
	only := func(url string) func(netip.AddrPort) bool {
		to := at(t, url)
		return func(a netip.AddrPort) bool { return here(a) && int(a.Port()) == to.Port }
	}
	e := engine(t, Config{Allow: only(first)})
	run := func(url, key string) string { return verdict(e.Run(context.Background(), at(t, url), key)) }
	load(t, e, "a", asks("/hit", "vuln-here"))
	load(t, e, "b", asks("/hit", "never"))
	for key, want := range map[string]string{"a": "found", "b": "not"} {
		if got := run(first, key); got != want {
			t.Errorf("%s on the first: %s, want %s", key, got, want)
		}
	}
	taken, asked := e.taken, requests.Load()
	if !e.Rest() {
		t.Fatal("the engine does not rest")
	}
	if got := run(first, "a"); got == "found" || got == "not" {
		t.Errorf("at rest it asks: %s", got)
	}
	e.Obey(only(second))
	load(t, e, "a", asks("/hit", "vuln-here"))
	if e.taken != taken {
		t.Error("a template that it has is read again")
	}
	for key, want := range map[string]string{"a": "not", "b": "not"} {
		if got := run(second, key); got != want {
			t.Errorf("%s on the second: %s, want %s", key, got, want)
		}
	}
	if got := run(first, "a"); got == "found" || got == "not" || requests.Load() != asked || conns.Load() > 2 {
		t.Errorf("it goes back to the first: %s", got)
	}
}

// What may still be under way is not given another target.
func TestNoRest(t *testing.T) {
	url, _, _ := counted(t, app("x"))
	e := engine(t, Config{})
	load(t, e, "js", "javascript:\n  - code: Export(1)\n    args: {Host: \"{{Host}}\", Port: \"80\"}\n    matchers: [{type: word, words: [\"1\"]}]\n")
	if e.Rest() {
		t.Error("an engine with a script rests")
	}
	e = engine(t, Config{})
	load(t, e, "a", asks("/", "x"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e.Run(ctx, at(t, url), "a")
	if e.Rest() {
		t.Error("an engine whose run was stopped rests")
	}
}
