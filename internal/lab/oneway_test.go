package lab

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestBadIsWrongInOneWay compares each bad server with the good one of its
// kind, aspect by aspect: only what the recipe is about may differ. Those with a
// hole differ in nothing that a well-meaning client asks.
func TestBadIsWrongInOneWay(t *testing.T) {
	differs := map[string]string{
		"https-tls10": "versions", "https-tls13-missing": "versions", "https-ssl3": "ssl3", "https-ssl2": "ssl2",
		"cert-expired": "cert", "cert-not-yet-valid": "cert", "cert-long-life": "cert", "cert-self-signed": "cert",
		"cert-untrusted": "cert", "cert-missing-intermediate": "cert", "cert-wrong-name": "cert",
		"cert-rsa-1024": "cert", "cert-sha1": "cert", "cert-second-weak": "suites",
		"poodle-tls": "suites", "padding-oracle": "suites", "cbc-sound": "suites",
		"headers-none": "headers", "hsts-short": "headers", "csp-unsafe": "headers", "server-version": "headers",
		"cookies-insecure": "cookies", "stack-trace": "404", "clock-wrong": "clock",
		"http-302": "status", "http-other-host": "location", "http-content": "location status",
		"cors-any": "headers", "csp-meta": "headers", "api-leaks": "404", "grafana": "404", "https-downgrade": "404 location status",
		// what they are wrong in is on other paths, and that they serve in clear at all
		"default-page": "location status", "exposed-files-clear": "location status", "trace-on": "location status",
		"turns-403": "location status", "turns-429": "location status", "wall-knows-paths": "location status",
		"one-page": "headers location status", "soft-404": "headers location status",
		"wall-403": "headers location status", "wall-challenge": "headers location status",
		"ssh-1-99": "banner", "ssh-weak-kex": "kex", "ssh-small-gex": "kex", "ssh-weak-cipher": "ciphers macs",
		"ssh-terrapin": "ciphers kex", "ssh-dss": "hostkeys",
		"ssh-rsa-1024": "", "ssh-password": "", "ssh-no-login": "", // seen only once keys are agreed on
		"smtp-plain": "login tls", "smtp-auth-before-tls": "login", "smtp-tls-refused": "agreed",
		"smtp-open-relay": "", "smtp-relay-in-tls": "", "smtp-percent-relay": "", "smtp-greylist": "", // seen only once a recipient is named
		"imap-login-before-tls": "login", "postgres-plain": "agreed tls",
	}
	good := map[string]map[string]string{
		"https": view(t, start(t, "https-good")),
		"http":  view(t, start(t, "http-redirect")),
		"ssh":   view(t, start(t, "ssh-good")),
		"smtp":  view(t, start(t, "smtp-good")), "imap": view(t, start(t, "imap-good")), "postgres": view(t, start(t, "postgres-good")),
	}
	for _, r := range Recipes() {
		if r.Nature != Bad || good[r.Kind] == nil || r.Name == "hello-long" { // who cannot be talked to by crypto/tls is held to its proofs alone
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			bad := view(t, start(t, r.Name))
			var got []string
			for _, aspect := range slices.Sorted(maps.Keys(bad)) {
				if bad[aspect] != good[r.Kind][aspect] {
					got = append(got, aspect)
					t.Logf("%s: %q, good: %q", aspect, bad[aspect], good[r.Kind][aspect])
				}
			}
			if s := strings.Join(got, " "); s != differs[r.Name] {
				t.Errorf("differs from a good server in %q, want %q", s, differs[r.Name])
			}
		})
	}
}

func view(t *testing.T, s *Server) map[string]string {
	t.Helper()
	switch s.Kind {
	case "https":
		return httpsView(t, s)
	case "http":
		return httpView(t, s)
	case "smtp":
		return clearView(t, s, "EHLO x\r\n", "250 ", "STARTTLS\r\n", "AUTH PLAIN")
	case "imap":
		return clearView(t, s, "a CAPABILITY\r\n", "a OK", "b STARTTLS\r\n", "AUTH=PLAIN")
	case "postgres":
		return clearView(t, s, "", "", "\x00\x00\x00\x08\x04\xd2\x16\x2f", "")
	}
	return sshView(t, s)
}

func httpView(t *testing.T, s *Server) map[string]string {
	t.Helper()
	resp, _ := get(t, s.URL())
	return map[string]string{
		"status":   resp.Status,
		"location": resp.Header.Get("Location"),
		"headers":  dress(resp.Header),
		"clock":    dateSkew(t, resp).String(),
	}
}

func httpsView(t *testing.T, s *Server) map[string]string {
	t.Helper()
	v := httpView(t, s)
	resp, _ := get(t, s.URL())
	for _, c := range resp.Cookies() {
		v["cookies"] += strings.ReplaceAll(c.String(), c.Value, "…") + "\n"
	}
	_, v["404"] = get(t, s.URL()+"khong-co")
	v["versions"] = strings.Join(versions(s), " ")
	v["ssl3"] = fmt.Sprint(speaksSSL3(t, s))
	v["ssl2"] = fmt.Sprint(speaksSSL2(t, s))
	for _, c := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if shakesHands(s, tls.VersionTLS12, c.ID) {
			v["suites"] += strings.NewReplacer("ECDSA", "*", "DHE_RSA", "DHE_*").Replace(c.Name) + " "
		}
	}
	v["cert"] = certView(chain(t, s))
	return v
}

// dress is all headers but those that other aspects look at or that follow
// from the body.
func dress(h http.Header) string {
	h = h.Clone()
	for _, name := range []string{"Date", "Set-Cookie", "Location", "Content-Type", "Content-Length"} {
		h.Del(name)
	}
	return fmt.Sprint(h)
}

func certView(chain []*x509.Certificate) string {
	inters := x509.NewCertPool()
	for _, c := range chain[1:] {
		inters.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: "127.0.0.1", Roots: labPool(), Intermediates: inters})
	trust := "trusted"
	if err != nil {
		trust = fmt.Sprintf("%T", err)
	}
	return fmt.Sprint(trust, chain[0].SignatureAlgorithm, chain[0].PublicKeyAlgorithm, life(chain[0]), len(chain))
}
