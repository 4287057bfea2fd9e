package foreign

import (
	"encoding/json"
	"net"
	"slices"
	"strings"
)

// ssh-audit -j writes one object a server. It says neither its version nor when
// it ran, and of old (2.5) not even the port. Of ciphers and MACs it gives the
// lists from server to client; a server whose other direction differs is one
// that it does not see.

// sshAlgorithm is written as an object, or of old as a mere name.
type sshAlgorithm struct {
	Algorithm string `json:"algorithm"`
	KeySize   int    `json:"keysize"`
}

func (a *sshAlgorithm) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &a.Algorithm)
	}
	type plain sshAlgorithm
	return json.Unmarshal(b, (*plain)(a))
}

type sshAudit struct {
	Target string `json:"target"`
	Banner *struct {
		Raw      string          `json:"raw"`
		Protocol json.RawMessage `json:"protocol"` // "2.0", or of old [2, 0]
		Software *string         `json:"software"`
		Comments *string         `json:"comments"`
	} `json:"banner"`
	Kex         []sshAlgorithm `json:"kex"`
	Key         []sshAlgorithm `json:"key"`
	Enc         []sshAlgorithm `json:"enc"`
	Mac         []sshAlgorithm `json:"mac"`
	Compression []string       `json:"compression"`
}

func readSSHAudit(data []byte) (*Result, error) {
	var all []sshAudit
	if s := strings.TrimSpace(string(data[:min(len(data), 64)])); strings.HasPrefix(s, "[") { // several targets
		if err := json.Unmarshal(data, &all); err != nil {
			return nil, err
		}
	} else {
		all = make([]sshAudit, 1)
		if err := json.Unmarshal(data, &all[0]); err != nil {
			return nil, err
		}
	}
	if len(all) > maxResults {
		return nil, wrongf("có hơn %d mục", "there are more than %d results", maxResults)
	}
	r := &Result{Tool: "ssh-audit"}
	for _, a := range all {
		target := Target{Names: names(a.Target)}
		if host, p, err := net.SplitHostPort(a.Target); err == nil && port(p) != 0 {
			target = Target{Names: names(host), Port: port(p)}
		}
		if len(target.Names) == 0 {
			return nil, wrongf("tệp không nêu máy nào (target)", "the file names no host (target)")
		}
		r.Told = append(r.Told, a.told(target)...)
	}
	return r, nil
}

func (a *sshAudit) told(t Target) (out []Told) {
	if b := a.Banner; b != nil && b.Raw != "" {
		out = append(out, Told{Target: t, Check: "ssh.banner", Fields: map[string]any{"raw": b.Raw, "protocol": protocol(b.Protocol), "software": orEmpty(b.Software), "comments": orEmpty(b.Comments)}})
	}
	if len(a.Kex) == 0 || len(a.Key) == 0 || len(a.Enc) == 0 {
		return out // it did not come as far as the lists
	}
	kex, strict := []string{}, false
	group := map[string]any{"offered": false}
	for _, k := range a.Kex {
		switch {
		case strings.HasPrefix(k.Algorithm, "kex-strict-"):
			strict = strict || k.Algorithm == "kex-strict-s-v00@openssh.com"
			continue
		case strings.HasPrefix(k.Algorithm, "ext-info-"):
			continue
		case strings.HasPrefix(k.Algorithm, "diffie-hellman-group-exchange-"):
			if group["offered"] = true; k.KeySize > 0 {
				if have, ok := group["min_bits"].(int); !ok || k.KeySize < have {
					group["min_bits"] = k.KeySize
				}
			}
		}
		kex = append(kex, k.Algorithm)
	}
	enc, mac := listOf(a.Enc), listOf(a.Mac)
	has := func(list []string, is func(string) bool) bool { return slices.ContainsFunc(list, is) }
	cbc := has(enc, func(s string) bool { return strings.Contains(s, "-cbc") })
	etm := has(mac, func(s string) bool { return strings.Contains(s, "-etm@") })
	fields := map[string]any{
		"kex": kex, "host_keys": listOf(a.Key), "ciphers": enc, "macs": mac, "strict_kex": strict,
		"terrapin":       !strict && (slices.Contains(enc, "chacha20-poly1305@openssh.com") || cbc && etm),
		"group_exchange": group["offered"],
	}
	if a.Compression != nil {
		fields["compression"] = a.Compression
	}
	out = append(out, Told{Target: t, Check: "ssh.algorithms", Fields: fields}, Told{Target: t, Check: "ssh.gex", Fields: group})
	if bits, ok := a.rsaBits(); ok {
		out = append(out, Told{Target: t, Check: "ssh.hostkeys", Fields: map[string]any{"rsa_bits": bits}})
	}
	return out
}

// rsaBits is the size of the plain RSA key, 0 where none is offered; ok is false
// where it shows no size. Which keys there are else it does not tell: it shows
// no proof of them.
func (a *sshAudit) rsaBits() (bits int, ok bool) {
	ok = true
	for _, k := range a.Key {
		if strings.Contains(k.Algorithm, "-cert-") || !strings.Contains(k.Algorithm, "rsa") {
			continue
		}
		if k.KeySize > 0 && (bits == 0 || k.KeySize < bits) {
			bits = k.KeySize
		}
		ok = bits > 0
	}
	return bits, ok
}

func listOf(all []sshAlgorithm) []string {
	out := []string{}
	for _, a := range all {
		out = append(out, a.Algorithm)
	}
	return out
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// protocol reads "2.0" or [2, 0].
func protocol(raw json.RawMessage) string {
	if s := text(raw); s != "" {
		return s
	}
	var n []json.Number
	if json.Unmarshal(raw, &n) != nil || len(n) != 2 {
		return ""
	}
	return n[0].String() + "." + n[1].String()
}
