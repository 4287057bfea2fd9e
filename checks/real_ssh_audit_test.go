package checks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// audited is one algorithm of ssh-audit, which writes some as a mere name.
type audited struct {
	Algorithm string `json:"algorithm"`
	KeySize   int    `json:"keysize"`
	CASize    int    `json:"casize"`
}

func (a *audited) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &a.Algorithm); err == nil {
		return nil
	}
	type plain audited
	return json.Unmarshal(b, (*plain)(a))
}

// audit is what ssh-audit says of a server.
type audit struct {
	Banner struct {
		Protocol []int  `json:"protocol"`
		Software string `json:"software"`
		Comments string `json:"comments"`
	} `json:"banner"`
	Kex          []audited `json:"kex"`
	Key          []audited `json:"key"`
	Enc          []audited `json:"enc"`
	Mac          []audited `json:"mac"`
	Compression  []string  `json:"compression"`
	Fingerprints []struct {
		Hash    string `json:"hash"`
		HashAlg string `json:"hash_alg"`
	} `json:"fingerprints"`
}

// auditedNames are those of a list without the marks that it counts among them.
func auditedNames(all []audited) (out []string) {
	for _, a := range all {
		if !strings.HasPrefix(a.Algorithm, "kex-strict-") && !strings.HasPrefix(a.Algorithm, "ext-info-") {
			out = append(out, a.Algorithm)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// compareSSHAudit compares every fact that ssh-audit has too.
func compareSSHAudit(t *testing.T, e inventory.Endpoint) {
	t.Helper()
	host, port, _ := net.SplitHostPort(e.Address())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program(t, "ssh-audit"), "-j", "-p", port, host).Output()
	var code *exec.ExitError
	if err != nil && !errors.As(err, &code) { // its exit code is its judgement
		t.Fatal(err)
	}
	var theirs audit
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var b Banner
	decodeFact(t, e, SSHBanner, &b)
	if b.Protocol != strings.Trim(strings.ReplaceAll(fmt.Sprint(theirs.Banner.Protocol), " ", "."), "[]") || b.Software != theirs.Banner.Software {
		t.Errorf("banner: ssh-audit says %+v, we say %+v", theirs.Banner, b)
	}
	var f Algorithms
	decodeFact(t, e, SSHAlgorithms, &f)
	for list, pair := range map[string][2][]string{
		"kex": {auditedNames(theirs.Kex), f.Kex}, "host_keys": {auditedNames(theirs.Key), f.HostKeys},
		"ciphers": {auditedNames(theirs.Enc), f.Ciphers}, "macs": {auditedNames(theirs.Mac), f.MACs},
	} {
		if !slices.Equal(pair[0], slices.Sorted(slices.Values(pair[1]))) {
			t.Errorf("%s: ssh-audit says %q, we say %q", list, pair[0], pair[1])
		}
	}
	if !slices.Equal(theirs.Compression, f.Compression) {
		t.Errorf("compression: ssh-audit says %q, we say %q", theirs.Compression, f.Compression)
	}
	if strict := slices.ContainsFunc(theirs.Kex, func(a audited) bool { return a.Algorithm == "kex-strict-s-v00@openssh.com" }); strict != f.StrictKex {
		t.Errorf("strict key exchange: ssh-audit says %v, we say %v", strict, f.StrictKex)
	}
	compareSSHGroups(t, e, theirs)
	compareHostKeys(t, e, theirs)
}

func compareSSHGroups(t *testing.T, e inventory.Endpoint, theirs audit) {
	t.Helper()
	var f GroupExchange
	decodeFact(t, e, SSHGex, &f)
	for _, a := range theirs.Kex {
		if !strings.HasPrefix(a.Algorithm, "diffie-hellman-group-exchange-") {
			continue
		}
		if bits, u := f.MinBits.Get(); u != nil || a.KeySize != bits {
			t.Errorf("%s: ssh-audit says %d bits, we say %d, %v", a.Algorithm, a.KeySize, bits, u)
		}
	}
}

// compareHostKeys compares fingerprints and sizes, of which it knows those of
// RSA and Ed25519.
func compareHostKeys(t *testing.T, e inventory.Endpoint, theirs audit) {
	t.Helper()
	var f HostKeys
	decodeFact(t, e, SSHHostKeys, &f)
	keys, u := f.Keys.Get()
	if u != nil {
		t.Fatalf("keys are unknown: %v", u)
	}
	var ours, said []string
	for _, k := range keys {
		if !k.Proved {
			t.Errorf("%+v is not proved", k)
		}
		if !slices.Contains(ours, k.Fingerprint) && (k.Type == "RSA" || k.Type == "Ed25519") {
			ours = append(ours, k.Fingerprint)
		}
		for _, a := range theirs.Key {
			if a.Algorithm == k.Algorithm && a.KeySize > 0 && (a.KeySize != k.Bits || a.CASize > 0 && a.CASize != k.CABits) {
				t.Errorf("%s: ssh-audit says %+v, we say %+v", k.Algorithm, a, k)
			}
		}
	}
	for _, p := range theirs.Fingerprints {
		if fingerprint := "SHA256:" + p.Hash; p.HashAlg == "SHA256" && !slices.Contains(said, fingerprint) {
			said = append(said, fingerprint)
		}
	}
	slices.Sort(ours)
	slices.Sort(said)
	if !slices.Equal(ours, said) {
		t.Errorf("host keys: ssh-audit says %q, we say %q", said, ours)
	}
}
