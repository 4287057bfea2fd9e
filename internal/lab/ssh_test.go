package lab

import (
	"bufio"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"

	xssh "golang.org/x/crypto/ssh"
)

var sshProofs = map[string]func(*testing.T, *Server){
	"ssh-good": func(t *testing.T, s *Server) {
		v := sshView(t, s)
		if v["banner"] != "SSH-2.0-OpenSSH_9.9" || !strings.Contains(v["kex"], kexStrict) {
			t.Errorf("shows %v", v)
		}
	},
	"ssh-rsa-1024": func(t *testing.T, s *Server) {
		c := sshClient(func(k xssh.PublicKey) {
			if n := k.(xssh.CryptoPublicKey).CryptoPublicKey().(*rsa.PublicKey).N.BitLen(); n != 1024 {
				t.Errorf("key of %d bits", n)
			}
		})
		c.HostKeyAlgorithms = []string{xssh.KeyAlgoRSASHA256}
		if _, _, _, err := xssh.NewClientConn(dial(t, s), "", c); err == nil {
			t.Error("lets anybody in")
		}
	},
	"ssh-password": func(t *testing.T, s *Server) {
		asked, c := false, sshClient(func(xssh.PublicKey) {})
		c.Auth = []xssh.AuthMethod{xssh.PasswordCallback(func() (string, error) { asked = true; return "", errSSHPacket })}
		if _, _, _, err := xssh.NewClientConn(dial(t, s), "", c); err == nil || !asked {
			t.Errorf("asks for a password: %v, %v", asked, err)
		}
	},
	"ssh-no-login": func(t *testing.T, s *Server) {
		c, _, _, err := xssh.NewClientConn(dial(t, s), "", sshClient(func(xssh.PublicKey) {}))
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		_ = c.Wait()
	},
	"ssh-1-99": func(t *testing.T, s *Server) {
		sshProof("banner", "SSH-1.99-OpenSSH_9.9")(t, s)
		c := dial(t, s)
		send(t, c, []byte("SSH-1.5-lab_test\n"))
		r := bufio.NewReader(c)
		if _, err := r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if b := []byte(readAll(t, r)); len(b) < 280 || int(binary.BigEndian.Uint32(b)) > len(b) || b[4+8-binary.BigEndian.Uint32(b)%8] != 2 {
			t.Errorf("no public key of SSH 1: % x", b)
		}
	},
	"ssh-key-0-bits":   sshFails("0-bit"),
	"ssh-key-64k-bits": sshFails("too large"),
	"ssh-absurd-groups": func(t *testing.T, s *Server) {
		for _, bits := range []int{0, 1, 2048, 100_000} {
			if got := askGroup(t, s, "diffie-hellman-group-exchange-sha256", sshGexRequest); got != bits {
				t.Errorf("group of %d bits, want %d", got, bits)
			}
		}
	},
	"ssh-ext-info-flood": sshPours,
	"ssh-failures-first": sshPours,
	"ssh-endless-notices": func(t *testing.T, s *Server) {
		n, c := 0, sshClient(func(xssh.PublicKey) {})
		c.BannerCallback = func(string) error {
			if n++; n > 50 {
				return errSSHPacket
			}
			return nil
		}
		if _, _, _, err := xssh.NewClientConn(dial(t, s), "", c); err == nil || n <= 50 {
			t.Errorf("%d notices, then %v", n, err)
		}
	},
	"ssh-penalty": func(t *testing.T, s *Server) {
		for _, want := range []string{"SSH-2.0-OpenSSH_9.9\r\n", "SSH-2.0-OpenSSH_9.9\r\n", "Not allowed at this time\r\n"} {
			if line, err := bufio.NewReader(dial(t, s)).ReadString('\n'); err != nil || line != want {
				t.Errorf("%q, %v, want %q", line, err, want)
			}
		}
	},
	"ssh-weak-cipher": sshProof("ciphers", "3des-cbc,arcfour,aes128-cbc"),
	"ssh-dss":         sshProof("hostkeys", "ssh-dss,ssh-rsa"),
	"ssh-terrapin": func(t *testing.T, s *Server) {
		v := sshView(t, s)
		if strings.Contains(v["kex"], "kex-strict") || !strings.Contains(v["ciphers"], "chacha20") ||
			!strings.Contains(v["ciphers"], "-cbc") || !strings.Contains(v["macs"], "-etm@") {
			t.Errorf("shows %v", v)
		}
	},
	"ssh-weak-kex": func(t *testing.T, s *Server) {
		sshProof("kex", "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,"+kexStrict)(t, s)
		if bits := askGroup(t, s, "diffie-hellman-group-exchange-sha1", sshGexRequest); bits != 2048 {
			t.Errorf("group of %d bits: weak in a second way", bits)
		}
	},
	"ssh-small-gex": func(t *testing.T, s *Server) {
		for _, request := range []byte{sshGexRequest, sshGexRequestOld} {
			if bits := askGroup(t, s, "diffie-hellman-group-exchange-sha256", request); bits != 1024 {
				t.Errorf("request %d: group of %d bits", request, bits)
			}
		}
	},
}

// sshFails proves that no client gets on with the server, for a reason.
func sshFails(why string) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		if _, _, _, err := xssh.NewClientConn(dial(t, s), "", sshClient(func(xssh.PublicKey) {})); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q", err, why)
		}
	}
}

// sshPours proves that a server pours out packets once keys are agreed on. They
// need not be read for that.
func sshPours(t *testing.T, s *Server) {
	c, r, _, _ := sshGreet(t, s)
	me := goodSSH()
	me.kex, me.ciphers = []string{"curve25519-sha256"}, []string{"aes128-ctr"}
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range [][]byte{me.kexInit(), appendSSHString([]byte{sshKexFirst}, key.PublicKey().Bytes()), {sshNewKeys}} {
		if _, err := c.Write(sshPacket(p)); err != nil {
			t.Fatal(err)
		}
	}
	readN(t, r, 1<<18)
}

func sshClient(see func(xssh.PublicKey)) *xssh.ClientConfig {
	return &xssh.ClientConfig{Config: xssh.Config{KeyExchanges: []string{"curve25519-sha256"}, Ciphers: []string{"aes128-ctr", "aes128-gcm@openssh.com"}}, User: "x", HostKeyCallback: func(_ string, _ net.Addr, k xssh.PublicKey) error { see(k); return nil }}
}

func sshProof(field, want string) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		if v := sshView(t, s); v[field] != want {
			t.Errorf("%s: %q", field, v[field])
		}
	}
}

// sshGreet greets and reads the server's greeting and KEXINIT.
func sshGreet(t *testing.T, s *Server) (c interface{ Write([]byte) (int, error) }, r *bufio.Reader, banner string, kexInit []byte) {
	t.Helper()
	conn := dial(t, s)
	r = bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	send(t, conn, []byte("SSH-2.0-lab_test\r\n"))
	payload, err := readSSHPacket(r)
	if err != nil {
		t.Fatal(err)
	}
	return conn, r, strings.TrimSuffix(line, "\r\n"), payload
}

// sshView is what a server shows before it is asked anything.
func sshView(t *testing.T, s *Server) map[string]string {
	t.Helper()
	_, _, banner, payload := sshGreet(t, s)
	view := map[string]string{"banner": banner}
	rest := payload[1+sshCookie:]
	for _, field := range []string{"kex", "hostkeys", "ciphers", "", "macs", "", "compression", "", "", ""} {
		n := binary.BigEndian.Uint32(rest)
		if field != "" {
			view[field] = string(rest[4 : 4+n])
		}
		rest = rest[4+n:]
	}
	if len(rest) != 5 {
		t.Errorf("KEXINIT ends with % x", rest)
	}
	return view
}

// askGroup asks for a group of at least 2048 bits and tells how many it got.
func askGroup(t *testing.T, s *Server, method string, request byte) int {
	t.Helper()
	c, r, _, _ := sshGreet(t, s)
	me := goodSSH()
	me.kex = []string{method}
	ask := []byte{request, 0, 0, 8, 0, 0, 0, 16, 0, 0, 0, 32, 0} // 2048, 4096, 8192
	if request == sshGexRequestOld {
		ask = ask[:5]
	}
	if _, err := c.Write(append(sshPacket(me.kexInit()), sshPacket(ask)...)); err != nil {
		t.Fatal(err)
	}
	payload, err := readSSHPacket(r)
	if err != nil {
		t.Fatal(err)
	}
	n := binary.BigEndian.Uint32(payload[1:])
	p := new(big.Int).SetBytes(payload[5 : 5+n])
	if payload[0] != sshGexGroup || payload[5]&0x80 != 0 || !slices.Equal(payload[5+n:], []byte{0, 0, 0, 1, 2}) {
		t.Errorf("answer % x", payload)
	}
	return p.BitLen()
}

func TestGroupsAreSafePrimes(t *testing.T) {
	for bits, p := range map[int]*big.Int{1024: oakley2, 2048: modp2048} {
		if p.BitLen() != bits || !p.ProbablyPrime(16) || !new(big.Int).Rsh(p, 1).ProbablyPrime(16) {
			t.Errorf("group of %d bits: not a safe prime of that size", bits)
		}
	}
}

// FuzzReadSSHPacket: no bytes from a client may bring a practice server down.
func FuzzReadSSHPacket(f *testing.F) {
	f.Add(sshPacket(goodSSH().kexInit()))
	f.Add([]byte{0, 0, 0, 6, 5, 20})
	f.Fuzz(func(t *testing.T, b []byte) {
		payload, err := readSSHPacket(bufio.NewReader(strings.NewReader(string(b))))
		if err == nil && len(payload) == 0 {
			t.Error("an empty payload")
		}
		clientLists(payload)
	})
}
