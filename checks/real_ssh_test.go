package checks

import (
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

func TestRealOpenSSHKeysAndLogin(t *testing.T) {
	e := openSSH(t, "Banner "+write(t, filepath.Join(t.TempDir(), "banner"), "Xin chào\n")+"\n")
	expect(t, e, map[*Check]string{
		SSHAlgorithms: `{"terrapin": false}`,
		SSHAuth:       `{"none_accepted": false, "public_key": true, "password": true, "notice": "Xin chào "}`,
	})
	compareSSHAudit(t, e)
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
	compareSSHAudit(t, e)
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
	compareSSHAudit(t, e)
}
