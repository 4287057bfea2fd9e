package sshkex

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// library is an SSH server of another hand, with one kind of each algorithm.
func library(t *testing.T, kex, cipher, mac string, banner string) net.Conn {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("nobody")
	config := &ssh.ServerConfig{
		Config:           ssh.Config{KeyExchanges: []string{kex}, Ciphers: []string{cipher}, MACs: []string{mac}},
		PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, no },
		KeyboardInteractiveCallback: func(ssh.ConnMetadata, ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			return nil, no
		},
	}
	if banner != "" {
		config.BannerCallback = func(ssh.ConnMetadata) string { return banner }
	}
	config.AddHostKey(signer)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _, _, _ = ssh.NewServerConn(c, config) // nobody gets in
		_ = c.Close()
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	t.Cleanup(func() { _ = c.Close(); _ = l.Close(); <-done })
	return c
}

// TestExchange goes through every key exchange, cipher and MAC that the
// library has as a server.
func TestExchange(t *testing.T) {
	const kex, cipher, mac = "curve25519-sha256", "aes128-ctr", "hmac-sha2-256"
	var all [][3]string
	for _, m := range methods {
		all = append(all, [3]string{m.name, cipher, mac})
	}
	for _, w := range ways {
		all = append(all, [3]string{kex, w.name, mac})
	}
	for _, m := range macs {
		all = append(all, [3]string{kex, cipher, m.name}, [3]string{kex, "aes128-ctr", m.name + etm})
	}
	good, weak := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	has := slices.Concat(good.KeyExchanges, weak.KeyExchanges, good.Ciphers, weak.Ciphers, good.MACs, weak.MACs)
	for _, c := range all {
		t.Run(strings.Join(c[:], "/"), func(t *testing.T) {
			for _, name := range c {
				if !slices.Contains(has, name) {
					t.Skip("the library has no " + name)
				}
			}
			conn := library(t, c[0], c[1], c[2], "Xin chào\n")
			s, p := exchanged(t, conn)
			if p.Method != c[0] {
				t.Errorf("by %s", p.Method)
			}
			if err := s.Seal(p); err != nil {
				t.Fatal(err)
			}
			all, told, err := s.Service()
			if err != nil || !told || len(all) == 0 || all[0].Name != "server-sig-algs" {
				t.Fatalf("%v, %v, %v", all, told, err)
			}
			if names, err := all[0].Names(); err != nil || !slices.Contains(names, "ssh-ed25519") {
				t.Errorf("%v, %v", names, err)
			}
			l, err := s.None("nobody")
			if err != nil || l.Accepted || l.Partial || l.Notice != "Xin chào\n" || !slices.Equal(l.Methods, []string{"password", "keyboard-interactive"}) {
				t.Errorf("%+v, %v", l, err)
			}
		})
	}
}

func exchanged(t *testing.T, conn net.Conn) (*Session, *Proof) {
	t.Helper()
	s, err := Open(conn)
	if err != nil {
		t.Fatal(err)
	}
	k, err := s.KexInit()
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Exchange(k, "ssh-ed25519")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePublicKey(p.Key)
	if err != nil {
		t.Fatal(err)
	}
	var sig ssh.Signature
	if err := ssh.Unmarshal(p.Signature, &sig); err != nil {
		t.Fatal(err)
	}
	if err := key.Verify(p.Hash, &sig); err != nil {
		t.Fatal(err)
	}
	return s, p
}
