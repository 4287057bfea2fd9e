package judge

import (
	"testing"

	"github.com/sansang/sansang/internal/fact"
)

// TestProofOfRules: what a document may stand for is read off the expression,
// however it is written.
func TestProofOfRules(t *testing.T) {
	kind, err := fact.TypeOf[struct {
		A fact.Maybe[bool] `json:"a" vi:"a" en:"a"`
		B fact.Maybe[bool] `json:"b" vi:"b" en:"b"`
	}]()
	if err != nil {
		t.Fatal(err)
	}
	env, err := newEnvs(fact.Schema{"x.y": kind})
	if err != nil {
		t.Fatal(err)
	}
	for expect, want := range map[string]Proof{
		`x.y.a`:                                            Seen,
		`attest.met`:                                       Attested,
		`system.level >= 3 && attest.met`:                  Attested,
		`x.y.a && attest.met`:                              Both,
		`(x.y.a || !x.y.a) && attest.met`:                  Both,
		`attest.met ? x.y.a : false`:                       Both,
		`x.y.a || attest.met`:                              Either,
		`x.y.b ? attest.met : !x.y.a`:                      Either,
		`x.y.a && (x.y.b || attest.met)`:                   Either,
		`endpoint.zone == "internet" ? attest.met : x.y.a`: Either,
	} {
		ru, bad := env.rule(Rule{Scope: PerEndpoint, Expect: expect})
		if bad != nil {
			t.Fatalf("%s: %v", expect, bad.what)
		}
		if got := ru.proof(); got != want {
			t.Errorf("%s: %s, want %s", expect, got, want)
		}
	}
}
