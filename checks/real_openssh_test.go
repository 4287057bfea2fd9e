package checks

import (
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
	compareSSHAudit(t, e)
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
	compareSSHAudit(t, e)
}

// TestRealOpenSSHCertificate: a host certificate beside its key, as ssh-keygen
// made it, and an old DSA key.
func TestRealOpenSSHCertificate(t *testing.T) {
	keygen, dir := program(t, "ssh-keygen"), t.TempDir()
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(keygen, append([]string{"-q"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	ca, key, dsa := filepath.Join(dir, "ca"), filepath.Join(dir, "key"), filepath.Join(dir, "dsa")
	run("-t", "rsa", "-b", "2048", "-N", "", "-f", ca)
	run("-t", "ecdsa", "-b", "384", "-N", "", "-f", key)
	run("-t", "dsa", "-N", "", "-f", dsa)
	run("-s", ca, "-h", "-I", "practice", "-V", "20260101000000Z:20270101000000Z", key+".pub")
	e := openSSH(t, "HostKey "+key+"\nHostCertificate "+key+"-cert.pub\nHostKey "+dsa+"\nHostKeyAlgorithms +ssh-dss\n")
	compareSSHAudit(t, e)
	var f HostKeys
	decodeFact(t, e, SSHHostKeys, &f)
	keys, u := f.Keys.Get()
	i := slices.IndexFunc(keys, func(k HostKey) bool { return k.Certificate })
	if u != nil || i < 0 {
		t.Fatalf("%+v, %v", keys, u)
	}
	out, err := exec.Command(keygen, "-L", "-f", key+"-cert.pub").Output()
	if err != nil {
		t.Fatal(err)
	}
	k := keys[i]
	for _, want := range []string{k.Fingerprint, k.CAType + " " + k.CAFingerprint, "(using " + k.CASignature + ")"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in %s", want, out)
		}
	}
	if k.Bits != 384 || k.CABits != 2048 || !k.ForHosts || k.NotBefore.Format(time.DateOnly) != "2026-01-01" || k.NotAfter.Format(time.DateOnly) != "2027-01-01" {
		t.Errorf("%+v", k)
	}
	if !slices.ContainsFunc(keys, func(k HostKey) bool { return k.Type == "DSA" && k.Bits == 1024 && k.Proved }) {
		t.Errorf("no DSA key: %+v", keys)
	}
}

// TestRealOpenSSHFallback: without a group of that size in its file OpenSSH
// gives one that is built in.
func TestRealOpenSSHFallback(t *testing.T) {
	all, err := os.ReadFile("/etc/ssh/moduli")
	if err != nil {
		t.Skip("there is no file of moduli")
	}
	var large []string
	for line := range strings.Lines(string(all)) {
		if fields := strings.Fields(line); len(fields) == 7 && fields[4] == "4095" {
			large = append(large, line)
		}
	}
	e := openSSH(t, "ModuliFile "+write(t, filepath.Join(t.TempDir(), "moduli"), strings.Join(large, ""))+"\n")
	expect(t, e, map[*Check]string{SSHGex: `{
		"min_bits": 2048, "usual_bits": 4096, "prime": true, "safe": true, "fallback": true,
		"given": [{"bits": 4096, "name": ""}, {"bits": 2048, "name": "RFC 3526 group 14"}]
	}`})
	compareSSHAudit(t, e)
}
