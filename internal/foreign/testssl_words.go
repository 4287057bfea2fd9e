package foreign

import (
	"crypto/x509"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
)

// testsslVersions are the names of the fields and of testssl.sh.
var testsslVersions = []struct{ field, id, suites string }{
	{"ssl2", "SSLv2", "ssl2"}, {"ssl3", "SSLv3", "ssl3"}, {"tls10", "TLS1", "tls1"},
	{"tls11", "TLS1_1", "tls1_1"}, {"tls12", "TLS1_2", "tls1_2"}, {"tls13", "TLS1_3", "tls1_3"},
}

func (r *testsslRun) versions() map[string]any {
	out := map[string]any{}
	for _, v := range testsslVersions {
		yes := []string{"offered", "offered (deprecated)", "vulnerable with *"}
		if finding, _, _ := r.said(v.id); v.id == "TLS1_3" && strings.HasPrefix(finding, "offered with") && strings.Contains(finding, "final") {
			yes = append(yes, finding) // and not drafts of it alone
		}
		out[v.field] = r.claim(v.id, yes, []string{"not offered", "not offered, and downgraded *", "not offered and downgraded *", "not offered + downgraded *", "not offered, server responded *"})
	}
	return onlyAlive("testssl.sh", out)
}

// lacksExtension tells whether the server did not show an extension. Where testssl.sh did
// not learn them it takes all for absent, so that counts only where it lists some.
func (r *testsslRun) lacksExtension(name string) bool {
	all, open, ok := r.said("TLS_extensions")
	return ok && open == nil && strings.Contains(all, "#") && !strings.Contains(all, name) && r.trouble == ""
}

// heartbleed, as ccs and ticketbleed, takes "not vulnerable" for no answer:
// testssl.sh writes it also where nothing came back.
func (r *testsslRun) heartbleed() map[string]any {
	out := map[string]any{"vulnerable": r.claim("heartbleed", []string{"VULNERABLE"}, nil)}
	if finding, _, _ := r.said("heartbleed"); finding == "not vulnerable, no heartbeat extension" && r.lacksExtension("heartbeat") {
		out["heartbeat_offered"], out["vulnerable"] = false, false
	}
	return out
}

func (r *testsslRun) ccs() map[string]any {
	return map[string]any{"vulnerable": r.claim("CCS", []string{"VULNERABLE"}, nil)}
}

func (r *testsslRun) ticketbleed() map[string]any {
	out := map[string]any{"vulnerable": r.claim("ticketbleed", []string{"VULNERABLE"}, nil)}
	if finding, _, _ := r.said("ticketbleed"); finding == "no session ticket extension" && r.lacksExtension("session ticket") {
		out["tickets"], out["vulnerable"] = false, false
	}
	return out
}

// robot takes five answers that are alike for none: so are five that never came.
func (r *testsslRun) robot(suites map[string]any) map[string]any {
	out := map[string]any{"vulnerable": r.claim("ROBOT", []string{"VULNERABLE", "VULNERABLE, but the attack would take too long"}, nil)}
	all, whole := suites["accepted"].([]checks.Suite)
	byRSA := slices.ContainsFunc(all, func(s checks.Suite) bool { return s.KeyExchange == "RSA" })
	switch finding, _, _ := r.said("ROBOT"); {
	case finding == "VULNERABLE":
		out["strength"], out["rsa_key_exchange"] = "strong", true
	case strings.HasPrefix(finding, "VULNERABLE"):
		out["strength"], out["rsa_key_exchange"] = "weak", true
	case finding == "not vulnerable, no RSA key transport cipher" && whole && !byRSA:
		out["rsa_key_exchange"], out["vulnerable"] = false, false
	}
	return out
}

// renegotiation takes it that the server refuses a client's wish only where a
// handshake was made at all, which the claim beside it tells.
func (r *testsslRun) renegotiation() map[string]any {
	out := map[string]any{"secure": r.claim("secure_renego", []string{"supported"}, []string{"VULNERABLE"})}
	refused := []string{"not vulnerable, TLS 1.3 only"}
	if out["secure"] == true {
		refused = append(refused, "not vulnerable")
	}
	out["client_initiated"] = r.claim("secure_client_renego", []string{"VULNERABLE*"}, refused)
	return out
}

func (r *testsslRun) fallback() map[string]any {
	out := map[string]any{"scsv": r.claim("fallback_SCSV", []string{"supported"}, []string{"NOT supported", "NOT supported and vulnerable to POODLE SSL"})}
	if finding, _, _ := r.said("fallback_SCSV"); strings.HasPrefix(finding, "no protocol below") || strings.HasPrefix(finding, "only ") {
		return nil // there is nothing to be made to fall back to, by its own reckoning
	}
	return out
}

// features keeps of the application protocols those that ours asks for.
func (r *testsslRun) features() map[string]any {
	out := map[string]any{
		"ocsp_stapled": r.claim("OCSP_stapling", []string{"offered"}, []string{"not offered"}),
		"must_staple":  r.claim("cert_mustStapleExtension", []string{"supported"}, []string{"--"}),
	}
	finding, open, ok := r.said("ALPN")
	switch {
	case !ok:
	case open != nil:
		out["alpn"], out["http2"] = open, open
	default:
		all := []string{}
		for _, name := range strings.Fields(strings.ReplaceAll(finding, ",", " ")) {
			if name == "h2" || name == "http/1.1" {
				all = append(all, name)
			}
		}
		if len(all) == 0 && (finding != "not offered" || r.trouble != "") {
			return out
		}
		slices.Sort(all)
		out["alpn"], out["http2"] = all, slices.Contains(all, "h2")
	}
	return out
}

var testsslAge = regexp.MustCompile(`\(=(\d{1,18}) seconds\)`)

// headers reads HSTS and nosniff, of an answer that is no redirect: ours follows
// those.
func (r *testsslRun) headers() map[string]any {
	status, open, ok := r.said("HTTP_status_code")
	if !ok || open != nil || !strings.HasPrefix(status, "200") {
		return nil
	}
	out := map[string]any{}
	if sniff, _, _ := r.said("X-Content-Type-Options"); sniff == "nosniff" {
		out["nosniff"] = true
	}
	if none, _, _ := r.said("HSTS"); none == "not offered" && r.trouble == "" {
		out["hsts"], out["hsts_max_age"], out["hsts_subdomains"], out["hsts_preload"] = false, 0, false, false
		return out
	}
	age, _, _ := r.said("HSTS_time")
	if m := testsslAge.FindStringSubmatch(age); m != nil {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil || n == 0 {
			return out
		}
		out["hsts"], out["hsts_max_age"] = true, n
		out["hsts_subdomains"] = r.claim("HSTS_subdomains", []string{"includes subdomains"}, []string{"only for this domain"})
		out["hsts_preload"] = r.claim("HSTS_preload", []string{"domain IS marked for preloading"}, []string{"domain is NOT marked for preloading"})
	}
	return out
}

// certificate reads the certificate itself, where the server has but one.
func (r *testsslRun) certificate() (Told, bool) {
	pem, open, ok := r.said("cert")
	if many, _, told := r.said("cert_numbers"); !ok || open != nil || told && many != "1" {
		return Told{}, false
	}
	c, ok := parsePEM(pem)
	if !ok {
		return Told{Target: r.target, Check: "tls.certificate", Fields: map[string]any{"subject": fact.Because(fact.Unanswered, "testssl.sh shows a certificate that cannot be read")}}, true
	}
	trust, _, _ := r.said("cert_chain_of_trust")
	return Told{Target: r.target, Check: "tls.certificate", Of: certificateOf([]*x509.Certificate{c}, leafFields, trust == "passed.")}, true
}
