package checks

import (
	"net/url"
	"testing"

	"github.com/sansang/sansang/internal/inventory"
)

// TestUpgradedForms holds that a page whose browsers change http to https by
// themselves sends nothing in clear.
func TestUpgradedForms(t *testing.T) {
	at, _ := url.Parse("https://cong.example.test/")
	p := probeOf(inventory.Endpoint{Target: at.String(), Kind: inventory.HTTPS})
	for head, want := range map[string]int{
		"": 1,
		`<meta http-equiv=content-security-policy content="upgrade-insecure-requests">`: 0,
	} {
		pg := &page{URL: at, Status: 200, Body: []byte(head + `<form action="http://cong.example.test/a"></form>`)}
		forms, unseen := p.pageFact(pg, Answer{}).FormsInClear.Get()
		if unseen != nil || len(forms) != want {
			t.Errorf("%q: %q, %v", head, forms, unseen)
		}
	}
}
