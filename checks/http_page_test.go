package checks

import (
	"net/url"
	"strings"
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

// TestMetaPoliciesOfLongPages holds that the policies of a page are known where
// its head was read, and only there.
func TestMetaPoliciesOfLongPages(t *testing.T) {
	at, _ := url.Parse("https://cong.example.test/")
	p := probeOf(inventory.Endpoint{Target: at.String(), Kind: inventory.HTTPS})
	const meta = `<head><meta http-equiv=content-security-policy content="default-src 'self'">`
	long := strings.Repeat("x", 1000)
	for body, known := range map[string]bool{
		meta + "<style>" + long:                       false,
		meta + "</head><body>" + long:                 true,
		"<head></head><body>" + long:                  true,
		"<head><title>x</title><script>" + long:       false,
		"<title>x</title><script></script><p>" + long: true,
	} {
		pg := &page{URL: at, Status: 200, Body: []byte(body), Cut: errEnough}
		policies, unseen := p.pageFact(pg, Answer{}).MetaCSP.Get()
		if (unseen == nil) != known || known && len(policies) != strings.Count(body, "<meta") {
			t.Errorf("%.60s: %q, %v", body, policies, unseen)
		}
	}
}
