package checks

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// host is an endpoint that was reached at an address and has such keys; none
// means that they were not seen.
func host(id, peer, label string, keys ...string) Elsewhere {
	e := Elsewhere{Endpoint: inventory.Endpoint{ID: id, Kind: inventory.SSH}, Seen: map[string]fact.Observation{}}
	if label != "" {
		e.Endpoint.Labels = map[string]string{labelHost: label}
	}
	f := HostKeys{RSABits: fact.Known(0), Unread: []string{}}
	all := []HostKey{}
	for _, k := range keys {
		all = append(all, HostKey{Fingerprint: k})
	}
	if f.Keys = fact.Known(all); keys == nil {
		f.Keys = fact.Not[[]HostKey](fact.Because(fact.Reset, "cut"))
	}
	raw, _ := json.Marshal(f)
	e.Seen[SSHHostKeys.ID] = fact.Observation{Check: SSHHostKeys.ID, Value: raw}
	e.Seen[SSHAlgorithms.ID] = fact.Observation{Check: SSHAlgorithms.ID, Value: json.RawMessage(`{}`), Peers: []string{peer}}
	return e
}

func TestSSHShared(t *testing.T) {
	me := host("me", "10.0.0.1:22", "", "a", "b")
	for name, c := range map[string]struct {
		me     Elsewhere
		others []Elsewhere
		shared string // JSON
		with   []string
	}{
		"alone":                       {me, nil, "false", nil},
		"other keys":                  {me, []Elsewhere{host("x", "10.0.0.2:22", "", "c")}, "false", nil},
		"two addresses":               {me, []Elsewhere{host("x", "10.0.0.2:22", "", "b", "c")}, `"prerequisite"`, nil},
		"one address":                 {me, []Elsewhere{host("x", "10.0.0.1:2222", "", "a")}, "false", nil},
		"one public address":          {host("me", "8.8.8.8:22", "", "a"), []Elsewhere{host("x", "8.8.8.8:2222", "", "a")}, `"prerequisite"`, nil},
		"unseen":                      {me, []Elsewhere{host("x", "10.0.0.2:22", "")}, `"reset"`, nil},
		"unseen beside shared":        {host("me", "10.0.0.1:22", "m", "a"), []Elsewhere{host("x", "10.0.0.2:22", ""), host("y", "10.0.0.3:22", "n", "a")}, "true", []string{"y"}},
		"doubtful beside shared":      {host("me", "10.0.0.1:22", "m", "a"), []Elsewhere{host("x", "10.0.0.2:22", "", "a"), host("y", "10.0.0.3:22", "n", "a")}, "true", []string{"y"}},
		"IPv4 and IPv6":               {me, []Elsewhere{host("x", "[fd00::1]:22", "", "a")}, `"prerequisite"`, nil},
		"inside and outside":          {me, []Elsewhere{host("x", "8.8.8.8:22", "", "a")}, `"prerequisite"`, nil},
		"inside and outside, no same": {me, []Elsewhere{host("x", "8.8.8.8:22", "", "c")}, "false", nil},
		"said to be one":              {host("me", "10.0.0.1:22", "m", "a"), []Elsewhere{host("x", "10.0.0.2:22", "m", "a")}, "false", nil},
		"said to be two":              {host("me", "10.0.0.1:22", "m", "a"), []Elsewhere{host("x", "10.0.0.2:22", "n", "a")}, "true", []string{"x"}},
		"two behind one address":      {host("me", "10.0.0.1:22", "m", "a"), []Elsewhere{host("x", "10.0.0.1:2222", "n", "a")}, "true", []string{"x"}},
		"address unknown":             {me, []Elsewhere{host("x", "", "", "a")}, `"prerequisite"`, nil},
	} {
		s := Settings{Now: time.Now, Log: zerolog.Nop()}
		o := SSHShared.Observe(context.Background(), NewProbe(s, c.me.Endpoint, c.me.Seen).Among(c.others))
		var f SharedKeys
		if o.Unknown != nil || json.Unmarshal(o.Value, &f) != nil {
			t.Fatalf("%s: %v %s", name, o.Unknown, o.Value)
		}
		shared, u := f.Shared.Get()
		got, _ := json.Marshal(shared)
		if u != nil {
			got, _ = json.Marshal(u.Cause)
		}
		if string(got) != c.shared || !slices.Equal(f.With, c.with) {
			t.Errorf("%s: %s", name, o.Value)
		}
	}
	s := Settings{Now: time.Now, Log: zerolog.Nop()}
	unseen := host("me", "10.0.0.1:22", "")
	if o := SSHShared.Observe(context.Background(), NewProbe(s, unseen.Endpoint, unseen.Seen)); o.Unknown == nil || o.Unknown.Cause != fact.Reset {
		t.Errorf("%v %s", o.Unknown, o.Value)
	}
}
