package checks

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

var (
	there, absent = fact.Known(true), fact.Known(false)
	holeUnseen    = fact.Not[bool](fact.Because(fact.Timeout, "x"))
	listUnseen    = fact.Not[[]string](fact.Because(fact.Timeout, "x"))
)

func suiteNames(ns ...string) fact.Maybe[[]string] { return fact.Known(append([]string{}, ns...)) }

// conclude runs tls.holes over what was seen before; nil stands for a check
// that saw nothing.
func conclude(t *testing.T, seen map[*Check]any) Holes {
	t.Helper()
	all := map[string]fact.Observation{}
	for _, c := range TLSHoles.Before() {
		o := fact.Observation{Check: c.ID, Unknown: fact.Because(fact.Blocked, "x")}
		if f := seen[c]; f != nil {
			o.Unknown = nil
			o.Value, _ = json.Marshal(f)
		}
		all[c.ID] = o
	}
	obs := TLSHoles.Observe(t.Context(), NewProbe(Settings{Now: time.Now}, inventory.Endpoint{Kind: inventory.HTTPS}, all))
	var f Holes
	if err := json.Unmarshal(obs.Value, &f); err != nil {
		t.Fatalf("%v, %v", err, obs.Unknown)
	}
	return f
}

func isUnseen(m fact.Maybe[bool]) bool { _, u := m.Get(); return u != nil }

// TestHolesHalfSeen holds that what was not seen is neither a hole nor its
// absence, and that what was seen counts all the same.
func TestHolesHalfSeen(t *testing.T) {
	modern := Versions{SSL2: absent, SSL3: absent, TLS10: absent, TLS11: absent, TLS12: there, TLS13: there}

	f := conclude(t, map[*Check]any{TLSVersions: modern})
	if !fact.Is(f.Poodle, false) || !fact.Is(f.PoodleForced, false) || !fact.Is(f.Drown, false) || !fact.Is(f.Beast, false) {
		t.Errorf("versions alone rule some out: %+v", f)
	}
	if !isUnseen(f.Freak) || !isUnseen(f.Logjam) || !isUnseen(f.LogjamShared) || !isUnseen(f.Sweet32) || !isUnseen(f.RC4) || !isUnseen(f.Crime) || !isUnseen(f.Lucky13) {
		t.Errorf("versions alone do not tell the others: %+v", f)
	}

	old := Versions{SSL2: holeUnseen, SSL3: holeUnseen, TLS10: there, TLS11: absent, TLS12: there, TLS13: absent}
	suites := Suites{SSL2: listUnseen, SSL3: listUnseen, TLS10: suiteNames("TLS_RSA_WITH_AES_128_CBC_SHA"), TLS11: suiteNames(), TLS12: listUnseen, TLS13: suiteNames()}
	f = conclude(t, map[*Check]any{TLSVersions: old, TLSSuites: suites})
	if !fact.Is(f.Beast, true) || !fact.Is(f.Lucky13, true) {
		t.Errorf("one version is enough: %+v", f)
	}
	if !isUnseen(f.Poodle) || !isUnseen(f.Drown) || !isUnseen(f.Freak) || !isUnseen(f.RC4) {
		t.Errorf("others may be in the versions that were not seen: %+v", f)
	}
}

func TestHolesOfGroups(t *testing.T) {
	versions := Versions{SSL2: absent, SSL3: absent, TLS10: absent, TLS11: absent, TLS12: there, TLS13: absent}
	with := func(name string, g any) Holes {
		return conclude(t, map[*Check]any{TLSVersions: versions, TLSGroups: g,
			TLSSuites: Suites{SSL2: suiteNames(), SSL3: suiteNames(), TLS10: suiteNames(), TLS11: suiteNames(), TLS12: suiteNames(name), TLS13: suiteNames()}})
	}
	prime := func(bits int, name string) Groups { return Groups{DHBits: fact.Known(bits), DHPrime: fact.Known(name)} }
	const dhe, export, ecdhe = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
	for name, c := range map[string]struct {
		got            Holes
		logjam, shared fact.Maybe[bool]
	}{
		"none, groups unseen":   {with(ecdhe, nil), absent, absent},
		"some, groups unseen":   {with(dhe, nil), holeUnseen, holeUnseen},
		"export, groups unseen": {with(export, nil), there, holeUnseen},
		"long":                  {with(dhe, prime(2048, "RFC 7919 ffdhe2048")), absent, absent},
		"short":                 {with(dhe, prime(1024, "")), there, absent},
		"short and shared":      {with(dhe, prime(1024, "RFC 2409 group 2")), there, there},
	} {
		same := func(a, b fact.Maybe[bool]) bool {
			x, u := a.Get()
			y, v := b.Get()
			return (u == nil) == (v == nil) && (u != nil || x == y)
		}
		if !same(c.got.Logjam, c.logjam) || !same(c.got.LogjamShared, c.shared) {
			t.Errorf("%s: %+v, %+v", name, c.got.Logjam, c.got.LogjamShared)
		}
	}
}

func TestPoodleForced(t *testing.T) {
	versions := Versions{SSL2: absent, SSL3: there, TLS10: absent, TLS11: absent, TLS12: there, TLS13: absent}
	suites := Suites{SSL2: suiteNames(), SSL3: suiteNames("TLS_RSA_WITH_3DES_EDE_CBC_SHA"), TLS10: suiteNames(), TLS11: suiteNames(), TLS12: suiteNames(), TLS13: suiteNames()}
	for scsv, want := range map[fact.Maybe[bool]]fact.Maybe[bool]{there: absent, absent: there} {
		f := conclude(t, map[*Check]any{TLSVersions: versions, TLSSuites: suites, TLSFallback: Fallback{Needed: true, SCSV: scsv}})
		if f.PoodleForced != want || f.Poodle != there {
			t.Errorf("SCSV %+v: %+v, forced %+v", scsv, f.Poodle, f.PoodleForced)
		}
	}
	if f := conclude(t, map[*Check]any{TLSVersions: versions, TLSSuites: suites}); !isUnseen(f.PoodleForced) || f.Poodle != there {
		t.Errorf("%+v, forced %+v", f.Poodle, f.PoodleForced)
	}
}
