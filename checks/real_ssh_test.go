package checks

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

func TestRealOpenSSHKeysAndLogin(t *testing.T) {
	e := openSSH(t, "Banner "+write(t, filepath.Join(t.TempDir(), "banner"), "Xin chào\n")+"\n")
	expect(t, e, map[*Check]string{
		SSHAlgorithms: `{"terrapin": false}`,
		SSHAuth:       `{"none_accepted": false, "public_key": true, "password": true, "notice": "Xin chào "}`,
	})
	compareHostKeys(t, e)
	expect(t, openSSH(t, "PasswordAuthentication no\n"), map[*Check]string{
		SSHAuth: `{"none_accepted": false, "public_key": true, "password": false, "notice": ""}`,
	})
	expect(t, openSSH(t, "AuthenticationMethods keyboard-interactive\nKbdInteractiveAuthentication yes\n"), map[*Check]string{
		SSHAuth: `{"none_accepted": false, "public_key": false, "password": false, "keyboard_interactive": true, "methods": ["keyboard-interactive"]}`,
	})
}

func TestRealDropbear(t *testing.T) {
	path, makeKey, dir := program(t, "dropbear"), program(t, "dropbearkey"), t.TempDir()
	args := []string{"-F", "-E"}
	for _, kind := range []string{"ed25519", "rsa"} {
		file := filepath.Join(dir, kind)
		if out, err := exec.Command(makeKey, "-t", kind, "-f", file).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		args = append(args, "-r", file)
	}
	address := freeAddress(t)
	daemon(t, address, path, append(args, "-P", filepath.Join(dir, "pid"), "-p", address)...)
	e := inventory.Endpoint{ID: "dropbear", Target: address, Kind: inventory.SSH}
	expect(t, e, map[*Check]string{SSHAuth: `{"none_accepted": false, "public_key": true, "password": true}`})
	compareHostKeys(t, e)
}

// tinysshd speaks on its standard streams: each connection gets one of its own.
func TestRealTinySSH(t *testing.T) {
	path, makeKey, dir := program(t, "tinysshd"), program(t, "tinysshd-makekey"), filepath.Join(t.TempDir(), "keys")
	if out, err := exec.Command(makeKey, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s, err := lab.Serve(func(c net.Conn) {
		cmd := exec.Command(path, "-v", dir)
		out, _ := cmd.StdoutPipe()
		in, _ := cmd.StdinPipe()
		if cmd.Start() != nil {
			return
		}
		go func() { _, _ = io.Copy(in, c); _ = in.Close() }()
		_, _ = io.Copy(c, out)
		_ = c.Close()
		_ = cmd.Wait()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	e := inventory.Endpoint{ID: "tinysshd", Target: s.AddrPort.String(), Kind: inventory.SSH}
	expect(t, e, map[*Check]string{
		SSHHostKeys: `{"rsa_bits": 0, "unread": []}`,
		SSHAuth:     `{"none_accepted": false, "public_key": true, "password": false}`,
	})
	compareHostKeys(t, e)
}

// compareHostKeys compares fingerprints with those of ssh-audit, where it is
// installed. It lists a key once for each name of its kind.
func compareHostKeys(t *testing.T, e inventory.Endpoint) {
	t.Helper()
	var f HostKeys
	decodeFact(t, e, SSHHostKeys, &f)
	keys, u := f.Keys.Get()
	if u != nil {
		t.Fatalf("keys are unknown: %v", u)
	}
	var ours []string
	for _, k := range keys {
		ours = append(ours, k.Fingerprint)
	}
	path, err := exec.LookPath("ssh-audit")
	if err != nil {
		if os.Getenv("SANSANG_REAL") == "1" {
			t.Fatal("ssh-audit is not installed, and SANSANG_REAL=1 says that it must be")
		}
		t.Skip("ssh-audit is not installed")
	}
	host, port, _ := net.SplitHostPort(e.Address())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-j", "-p", port, host).Output()
	var code *exec.ExitError
	if err != nil && !errors.As(err, &code) { // its exit code is its judgement
		t.Fatal(err)
	}
	var doc struct {
		Fingerprints []struct {
			Hash        string `json:"hash"`
			HashAlg     string `json:"hash_alg"`
			Fingerprint string `json:"fp"`
		} `json:"fingerprints"`
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var theirs []string
	for _, p := range doc.Fingerprints {
		switch {
		case p.HashAlg == "SHA256":
			theirs = append(theirs, "SHA256:"+p.Hash)
		case strings.HasPrefix(p.Fingerprint, "SHA256:"):
			theirs = append(theirs, p.Fingerprint)
		}
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	if theirs = slices.Compact(theirs); !slices.Equal(ours, theirs) {
		t.Errorf("host keys: ssh-audit says %q, we say %q", theirs, ours)
	}
}
