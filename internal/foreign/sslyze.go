package foreign

import (
	"crypto/x509"
	"encoding/json"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// sslyze --json_out, as its json_output.py and json_output_schema.json describe
// it (5.0 to 6.x), and as the one whole output of it that could be had (5.0.0b0)
// shows it.

// sslyzeAttempt is one command; only what is COMPLETED was seen.
type sslyzeAttempt struct {
	Status string          `json:"status"`
	Reason string          `json:"error_reason"`
	Result json.RawMessage `json:"result"`
}

type sslyzeServer struct {
	Location struct {
		Hostname string `json:"hostname"`
		Port     int    `json:"port"`
		IP       string `json:"ip_address"`
	} `json:"server_location"`
	Connectivity string                   `json:"connectivity_status"`
	Result       map[string]sslyzeAttempt `json:"scan_result"`
}

func readSSLyze(data []byte) (*Result, error) {
	var file struct {
		Version string         `json:"sslyze_version"`
		Started string         `json:"date_scans_started"`
		Servers []sslyzeServer `json:"server_scan_results"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	if len(file.Servers) > maxResults {
		return nil, wrongf("có hơn %d mục", "there are more than %d results", maxResults)
	}
	r := &Result{Tool: "sslyze", Version: short(file.Version), Produced: moment(file.Started, time.UTC)} // without a zone it is UTC
	for _, s := range file.Servers {
		t := Target{Names: names(s.Location.Hostname, s.Location.IP), Port: s.Location.Port}
		if len(t.Names) == 0 || t.Port < 1 || t.Port > 65535 {
			return nil, wrongf("một kết quả không nêu máy và cổng (server_location)", "one result names no host and port (server_location)")
		}
		if s.Connectivity != "COMPLETED" || s.Result == nil {
			r.Left = addLeft(r.Left, Left{t.String(), untold(short(s.Connectivity))})
			continue
		}
		told, err := s.told(t)
		if err != nil {
			return nil, err
		}
		r.Told = append(r.Told, told...)
	}
	return r, nil
}

// sslyzeSuites are the commands, by the names of our fields.
var sslyzeSuites = map[string]string{
	"ssl2": "ssl_2_0_cipher_suites", "ssl3": "ssl_3_0_cipher_suites", "tls10": "tls_1_0_cipher_suites",
	"tls11": "tls_1_1_cipher_suites", "tls12": "tls_1_2_cipher_suites", "tls13": "tls_1_3_cipher_suites",
}

// sslyzeFlags are the commands that tell one thing by yes or no.
var sslyzeFlags = []struct{ command, key, check, field string }{
	{"heartbleed", "is_vulnerable_to_heartbleed", "tls.heartbleed", "vulnerable"},
	{"openssl_ccs_injection", "is_vulnerable_to_ccs_injection", "tls.ccs", "vulnerable"},
	{"tls_compression", "supports_compression", "tls.compression", "deflate"},
	{"tls_fallback_scsv", "supports_fallback_scsv", "tls.fallback", "scsv"},
	{"session_renegotiation", "supports_secure_renegotiation", "tls.renegotiation", "secure"},
	{"session_renegotiation", "is_vulnerable_to_client_renegotiation_dos", "tls.renegotiation", "client_initiated"},
}

func (s *sslyzeServer) told(t Target) ([]Told, error) {
	checks := map[string]map[string]any{}
	set := func(check, field string, v any) {
		if checks[check] == nil {
			checks[check] = map[string]any{}
		}
		checks[check][field] = v
	}
	for _, f := range sslyzeFlags {
		var result map[string]json.RawMessage
		if open, ok := s.result(f.command, &result); open != nil {
			set(f.check, f.field, open)
		} else if ok {
			var v *bool
			if json.Unmarshal(result[f.key], &v) != nil || v == nil {
				set(f.check, f.field, indefinite("sslyze", f.key+" is missing"))
			} else {
				set(f.check, f.field, *v)
			}
		}
	}
	// Which suites there are it does not tell whole: it asks for those of its two
	// OpenSSL libraries, and there are more.
	versions := map[string]any{}
	for field, command := range sslyzeSuites {
		var result struct {
			Supported *bool             `json:"is_tls_version_supported"`
			Accepted  []json.RawMessage `json:"accepted_cipher_suites"`
		}
		switch open, ok := s.result(command, &result); {
		case open != nil:
			versions[field] = open
		case ok && result.Supported != nil && *result.Supported == (len(result.Accepted) > 0):
			versions[field] = *result.Supported
		case ok:
			versions[field] = indefinite("sslyze", command+" contradicts itself")
		}
	}
	if len(versions) > 0 {
		checks["tls.versions"] = onlyAlive("sslyze", versions)
	}
	s.robot(set)
	var out []Told
	for _, check := range sortedKeys(checks) {
		out = append(out, Told{Target: t, Check: check, Fields: checks[check]})
	}
	return append(out, s.certificate(t)...), nil
}

// result reads what a command gave; ok is false where it was not asked for, and
// open says why it was not seen.
func (s *sslyzeServer) result(command string, into any) (open *fact.Unknown, ok bool) {
	a, asked := s.Result[command]
	switch {
	case !asked, a.Status == "NOT_SCHEDULED":
		return nil, false
	case a.Status != "COMPLETED":
		return indefinite("sslyze", command+": "+a.Status+" "+a.Reason), true
	case json.Unmarshal(a.Result, into) != nil || string(a.Result) == "null":
		return indefinite("sslyze", command+": no result that can be read"), true
	}
	return nil, true
}

func (s *sslyzeServer) robot(set func(check, field string, v any)) {
	var result struct {
		Robot string `json:"robot_result"`
	}
	open, ok := s.result("robot", &result)
	if open != nil {
		set("tls.robot", "vulnerable", open)
	}
	if open != nil || !ok {
		return
	}
	switch result.Robot {
	case "VULNERABLE_STRONG_ORACLE", "VULNERABLE_WEAK_ORACLE":
		set("tls.robot", "vulnerable", true)
		set("tls.robot", "rsa_key_exchange", true)
		set("tls.robot", "strength", map[bool]string{true: "strong", false: "weak"}[result.Robot == "VULNERABLE_STRONG_ORACLE"])
	case "NOT_VULNERABLE_NO_ORACLE":
		set("tls.robot", "vulnerable", false)
		set("tls.robot", "rsa_key_exchange", true)
	case "NOT_VULNERABLE_RSA_NOT_SUPPORTED":
		set("tls.robot", "vulnerable", false)
		set("tls.robot", "rsa_key_exchange", false)
	default:
		set("tls.robot", "vulnerable", indefinite("sslyze", result.Robot))
	}
}

// certificate reads the chain, where the server has but one.
func (s *sslyzeServer) certificate(t Target) []Told {
	var result struct {
		Deployments []struct {
			Chain []struct {
				PEM string `json:"as_pem"`
			} `json:"received_certificate_chain"`
			Paths []struct {
				Valid bool `json:"was_validation_successful"`
			} `json:"path_validation_results"`
		} `json:"certificate_deployments"`
	}
	open, ok := s.result("certificate_info", &result)
	if open != nil {
		return []Told{{Target: t, Check: "tls.certificate", Fields: map[string]any{"subject": open}}}
	}
	if !ok || len(result.Deployments) != 1 || len(result.Deployments[0].Chain) == 0 || len(result.Deployments[0].Chain) > 32 {
		return nil
	}
	d := result.Deployments[0]
	var chain []*x509.Certificate
	for _, one := range d.Chain {
		c, ok := parsePEM(one.PEM)
		if !ok {
			return []Told{{Target: t, Check: "tls.certificate", Fields: map[string]any{"subject": indefinite("sslyze", "a certificate that cannot be read")}}}
		}
		chain = append(chain, c)
	}
	distrusted := func(p struct {
		Valid bool `json:"was_validation_successful"`
	}) bool {
		return !p.Valid
	}
	return []Told{{Target: t, Check: "tls.certificate", Of: certificateOf(chain, chainFields, len(d.Paths) > 0 && !slices.ContainsFunc(d.Paths, distrusted))}}
}
