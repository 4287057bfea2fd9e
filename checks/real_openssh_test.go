package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// openSSH starts sshd with two host keys and more configuration.
func openSSH(t *testing.T, more string) inventory.Endpoint {
	path, keygen, dir := program(t, "sshd"), program(t, "ssh-keygen"), t.TempDir()
	if os.Getuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where root's sshd separates its privileges
			t.Fatal(err)
		}
	}
	address := freeAddress(t)
	host, port, _ := net.SplitHostPort(address)
	config := fmt.Sprintf("ListenAddress %s\nPort %s\nPidFile none\nUsePAM no\nStrictModes no\n", host, port)
	for _, kind := range []string{"ed25519", "rsa"} {
		file := filepath.Join(dir, kind)
		if out, err := exec.Command(keygen, "-q", "-t", kind, "-N", "", "-f", file).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		config += "HostKey " + file + "\n"
	}
	daemon(t, address, path, "-D", "-e", "-f", write(t, filepath.Join(dir, "sshd_config"), config+more))
	return inventory.Endpoint{ID: "sshd", Target: address, Kind: inventory.SSH}
}

func TestRealOpenSSHGood(t *testing.T) {
	e := openSSH(t, "")
	expect(t, e, map[*Check]string{
		SSHBanner:     `{"protocol": "2.0", "version1": false}`,
		SSHGex:        `{"offered": true, "min_bits": 2048, "prime": true, "safe": true, "fallback": false}`,
		SSHExtInfo:    `{"told": true, "names": ["server-sig-algs", "publickey-hostbound@openssh.com"]}`,
		SSHAlgorithms: `{"group_exchange": true, "compression": ["none", "zlib@openssh.com"], "host_keys": ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"]}`,
	})
	var f Algorithms
	decodeFact(t, e, SSHAlgorithms, &f)
	for _, weak := range []string{"diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1", "3des-cbc", "aes128-cbc", "hmac-md5", "ssh-rsa"} {
		if slices.Contains(slices.Concat(f.Kex, f.Ciphers, f.MACs, f.HostKeys), weak) {
			t.Errorf("%s is there", weak)
		}
	}
	compareSSHAudit(t, e, f)
}

func TestRealOpenSSHBad(t *testing.T) {
	weak := map[string][]string{
		"KexAlgorithms":     {"diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1"},
		"Ciphers":           {"3des-cbc", "aes128-cbc"},
		"MACs":              {"hmac-md5"},
		"HostKeyAlgorithms": {"ssh-rsa"},
	}
	config := ""
	for option, names := range weak {
		config += option + " +" + strings.Join(names, ",") + "\n"
	}
	e := openSSH(t, config)
	var f Algorithms
	decodeFact(t, e, SSHAlgorithms, &f)
	for option, have := range map[string][]string{"KexAlgorithms": f.Kex, "Ciphers": f.Ciphers, "MACs": f.MACs, "HostKeyAlgorithms": f.HostKeys} {
		for _, name := range weak[option] {
			if !slices.Contains(have, name) {
				t.Errorf("%s lacks %s: %q", option, name, have)
			}
		}
	}
	compareSSHAudit(t, e, f)
}

// audited is one algorithm of ssh-audit, which writes some as a mere name.
type audited struct {
	Algorithm string `json:"algorithm"`
	KeySize   int    `json:"keysize"`
}

func (a *audited) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &a.Algorithm); err == nil {
		return nil
	}
	type plain audited
	return json.Unmarshal(b, (*plain)(a))
}

// compareSSHAudit compares the lists, and the smallest group, with those of
// ssh-audit, where it is installed. It counts the marks among the key exchanges.
func compareSSHAudit(t *testing.T, e inventory.Endpoint, ours Algorithms) {
	t.Helper()
	path, err := exec.LookPath("ssh-audit")
	if err != nil {
		t.Log("ssh-audit is not installed")
		return
	}
	host, port, _ := net.SplitHostPort(e.Address())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-j", "-p", port, host).Output()
	if len(out) == 0 {
		t.Fatalf("ssh-audit says nothing: %v", err) // its exit code is its judgement
	}
	var doc struct {
		Kex         []audited `json:"kex"`
		Key         []audited `json:"key"`
		Enc         []audited `json:"enc"`
		Mac         []audited `json:"mac"`
		Compression []string  `json:"compression"`
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	var gex GroupExchange
	decodeFact(t, e, SSHGex, &gex)
	for _, c := range []struct {
		list   string
		theirs []audited
		ours   []string
	}{{"kex", doc.Kex, ours.Kex}, {"host_keys", doc.Key, ours.HostKeys}, {"ciphers", doc.Enc, ours.Ciphers}, {"macs", doc.Mac, ours.MACs}} {
		var theirs []string
		for _, a := range c.theirs {
			if !strings.HasPrefix(a.Algorithm, "kex-strict-") && !strings.HasPrefix(a.Algorithm, "ext-info-") {
				theirs = append(theirs, a.Algorithm)
			}
			if bits, u := gex.MinBits.Get(); a.Algorithm == "diffie-hellman-group-exchange-sha256" && (u != nil || a.KeySize != bits) {
				t.Errorf("group exchange: ssh-audit says %d bits, we say %d, %v", a.KeySize, bits, u)
			}
		}
		slices.Sort(theirs)
		if theirs = slices.Compact(theirs); !slices.Equal(theirs, slices.Sorted(slices.Values(c.ours))) {
			t.Errorf("%s: ssh-audit says %q, we say %q", c.list, theirs, c.ours)
		}
	}
	if !slices.Equal(doc.Compression, ours.Compression) {
		t.Errorf("compression: ssh-audit says %q, we say %q", doc.Compression, ours.Compression)
	}
}
