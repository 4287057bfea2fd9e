package checks

import (
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"
	"time"
)

func TestFeatures(t *testing.T) {
	for name, c := range map[string]struct {
		config *tls.Config
		want   string
	}{
		"TLS 1.3 with HTTP/2":   {&tls.Config{NextProtos: []string{"h2", "http/1.1"}}, `{"alpn": ["h2", "http/1.1"], "http2": true, "resumption": true, "client_certificate": "none"}`},
		"TLS 1.2 with HTTP/1.1": {&tls.Config{MaxVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, `{"alpn": ["http/1.1"], "http2": false, "resumption": true}`},
		"no tickets":            {&tls.Config{SessionTicketsDisabled: true}, `{"resumption": false}`},
		"asks":                  {&tls.Config{ClientAuth: tls.RequestClientCert}, `{"client_certificate": "requested", "resumption": true}`},
		"demands, TLS 1.3":      {&tls.Config{ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{"h2"}}, `{"client_certificate": "required", "alpn": ["h2"], "resumption": {"unknown": {"cause": "prerequisite"}}}`},
		"demands, TLS 1.2":      {&tls.Config{MaxVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert}, `{"client_certificate": "required"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := tlsServer(t, c.config, nil)
			obs := observe(t, TLSFeatures, e, 5*time.Second)
			if obs.Unknown != nil {
				t.Fatal(obs.Unknown)
			}
			if diff := differs("fact", decode(t, []byte(c.want)), decode(t, obs.Value)); diff != "" {
				t.Errorf("%s\nwhole: %s", diff, obs.Value)
			}
		})
	}
}

func TestEmbeddedSCTs(t *testing.T) {
	ext := func(list string) []pkix.Extension {
		v, err := asn1.Marshal([]byte(list))
		if err != nil {
			t.Fatal(err)
		}
		return []pkix.Extension{{Id: oidSCTList, Value: v}}
	}
	for list, want := range map[string]int{
		"\x00\x00": 0, "": 0, "\x00": 0,
		"\x00\x08\x00\x02ab\x00\x02cd": 2,
		"\x00\x04\x00\x09ab":           0,
		"\x00\x02\x00\x00":             0,
	} {
		if got := embeddedSCTs(ext(list)); got != want {
			t.Errorf("%q: %d, want %d", list, got, want)
		}
	}
	if embeddedSCTs(nil) != 0 || !strings.HasPrefix(distinguishedName([]byte("x")), "?") {
		t.Error("what is not there was read")
	}
}
