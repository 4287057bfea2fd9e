package scan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

// TestSharedHostKeys: practice servers of one process have the same keys. Two
// at one address are one host; of a third at another the labels say that it is
// another.
func TestSharedHostKeys(t *testing.T) {
	var es []inventory.Endpoint
	for i, at := range []string{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.2:0"} {
		s, err := lab.Start("ssh-weak-kex", lab.Listen(at))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		es = append(es, inventory.Endpoint{ID: fmt.Sprint("e", i), Target: s.URL(), Kind: inventory.SSH,
			Labels: map[string]string{"host": []string{"a", "a", "b"}[i]}})
	}
	alone := start(t, "ssh-good") // its keys are its own
	es = append(es, inventory.Endpoint{ID: "alone", Target: alone.URL(), Kind: inventory.SSH})
	sc, k := scanOf(t, loopback(t).Dial, es...)
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	for endpoint, want := range map[string]string{
		"e0": `"shared":true,"with":["e2"]`, "e1": `"shared":true,"with":["e2"]`, "e2": `"shared":true,"with":["e0","e1"]`,
		"alone": `"shared":false,"with":[],"fingerprints":[],"compared":3`,
	} {
		if o := k.of(endpoint, "ssh.shared"); !strings.Contains(string(o.Value), want) || o.Made != 0 {
			t.Errorf("%s: %s, %v", endpoint, o.Value, o.Unknown)
		}
	}
}

// TestSharedHostKeysOfSome: endpoints that are not looked at this time may have
// the same keys.
func TestSharedHostKeysOfSome(t *testing.T) {
	es := []inventory.Endpoint{
		{ID: "seen", Target: start(t, "ssh-good").URL(), Kind: inventory.SSH},
		{ID: "left", Target: start(t, "ssh-good").URL(), Kind: inventory.SSH},
	}
	sc, k := scanOf(t, loopback(t).Dial, es...)
	sc.Whole, sc.Tasks = sc.Tasks, sc.Tasks[:1]
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	if o := k.of("seen", "ssh.shared"); !strings.Contains(string(o.Value), `"shared":{"unknown":{"cause":"prerequisite"`) {
		t.Errorf("%s, %v", o.Value, o.Unknown)
	}
}

// TestSharedHostKeysUnseen: what was not seen of one endpoint leaves the
// others unknown.
func TestSharedHostKeysUnseen(t *testing.T) {
	good, closes := start(t, "ssh-good"), start(t, "closes")
	sc, k := scanOf(t, loopback(t).Dial,
		inventory.Endpoint{ID: "good", Target: good.URL(), Kind: inventory.SSH},
		inventory.Endpoint{ID: "closes", Target: closes.AddrPort.String(), Kind: inventory.SSH})
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	if o := k.of("good", "ssh.shared"); !strings.Contains(string(o.Value), `"shared":{"unknown":{"cause":"reset"`) {
		t.Errorf("%s, %v", o.Value, o.Unknown)
	}
	if o := k.of("closes", "ssh.shared"); o.Unknown == nil || o.Unknown.Cause != fact.Reset {
		t.Errorf("%s, %v", o.Value, o.Unknown)
	}
}
