package lab

import (
	"bufio"
	"io"
	"math/big"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// sshd is an SSH server as far as a scanner goes: banner, algorithm lists, a
// key exchange and the refusal of whoever wants to log in. It speaks SSH by
// itself, so that it can have what no library offers any more. Bad recipes
// spoil one field of a good one, hostile ones take the word in its place.
type sshd struct {
	banner   string
	kex      []string
	hostKeys []string
	ciphers  []string
	macs     []string
	prime    *big.Int   // answers a group exchange, with generator 2; nil: no answer
	primes   []*big.Int // likewise, one a connection in turn
	keyBlob  []byte     // in place of the host key
	version1 []byte     // what it says to a client of SSH 1; nil: a refusal

	first     int // so many connections are served, and all later ones turned away; 0: all are
	served    atomic.Int64
	turns     atomic.Int64  // of primes
	talkAfter func(*sshRun) // in place of what comes after the key exchange
}

const kexStrict = "kex-strict-s-v00@openssh.com" // the guard against Terrapin, CVE-2023-48795

func goodSSH() *sshd {
	return &sshd{
		banner:   "SSH-2.0-OpenSSH_9.9",
		kex:      []string{"mlkem768x25519-sha256", "curve25519-sha256", "curve25519-sha256@libssh.org", kexStrict},
		hostKeys: []string{"ssh-ed25519", "rsa-sha2-256", "rsa-sha2-512"},
		ciphers: []string{
			"chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-gcm@openssh.com",
			"aes256-ctr", "aes192-ctr", "aes128-ctr",
		},
		macs: []string{"hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"},
	}
}

// ssh makes a starter for a good SSH server with one thing spoiled.
func ssh(spoil ...func(*sshd)) starter {
	return func(place) (service, error) {
		d := goodSSH() // each server counts its own connections
		for _, s := range spoil {
			s(d)
		}
		return each(d.talk), nil
	}
}

// talk greets, exchanges keys and lets nobody in, for half a minute.
func (d *sshd) talk(c *conn) {
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if n := d.served.Add(1); d.first > 0 && n > int64(d.first) {
		_, _ = c.Write([]byte("Not allowed at this time\r\n"))
		c.finish()
		return
	}
	if _, err := c.Write([]byte(d.banner + "\r\n")); err != nil {
		return
	}
	r := bufio.NewReader(c)
	line, err := r.ReadSlice('\n')
	if err != nil || len(line) > sshMaxLine {
		return
	}
	if strings.HasPrefix(string(line), "SSH-1.") {
		said := d.version1
		if said == nil {
			said = []byte("Protocol major versions differ.\n")
		}
		_, _ = c.Write(said)
		c.finish()
		return
	}
	s := &sshRun{sshd: d, c: c, prime: d.prime, r: r, ours: []byte(d.banner), ourInit: d.kexInit()}
	s.theirs = []byte(strings.TrimRight(string(line), "\r\n"))
	if len(d.primes) > 0 {
		s.prime = d.primes[int(d.turns.Add(1)-1)%len(d.primes)]
	}
	if s.send(s.ourInit) && s.exchange() {
		if d.talkAfter != nil {
			d.talkAfter(s)
		} else {
			s.refuse()
		}
	}
	_, _ = io.Copy(io.Discard, r) // no longer intelligible; wait for the peer to leave
}

// exchange answers until keys are agreed on. It is false for a key exchange
// that it cannot finish, and hangs up then.
func (s *sshRun) exchange() bool {
	for {
		p, ok := s.hear()
		if !ok {
			return false
		}
		switch {
		case p[0] == sshKexInit:
			s.negotiate(p)
		case s.prime != nil && isGroupRequest(s.method, p[0]):
			s.group = s.prime
			s.asked = append(slices.Clone(p[1:]), groupAnswer(s.prime)[1:]...)
			if !s.send(groupAnswer(s.prime)) {
				return false
			}
		case p[0] == sshGexInit && s.group != nil && strings.Contains(s.method, "group-exchange"),
			p[0] == sshKexFirst && (strings.HasPrefix(s.method, "curve25519") || s.group != nil):
			return s.agree(p[0], p[1:])
		default:
			_ = s.c.Close()
			return false
		}
	}
}

func (s *sshRun) negotiate(p []byte) {
	s.theirInit = p
	lists := clientLists(p)
	s.method, _ = firstCommon(lists[0], s.kex)
	s.strict = slices.Contains(lists[0], "kex-strict-c-v00@openssh.com") && slices.Contains(s.kex, kexStrict)
	s.hostKey, _ = firstCommon(lists[1], s.hostKeys)
	s.cipher, _ = firstCommon(lists[2], s.ciphers)
	s.mac, _ = firstCommon(lists[4], s.macs)
	switch s.method {
	case "diffie-hellman-group1-sha1":
		s.group = oakley2
	case "diffie-hellman-group14-sha1":
		s.group = modp2048
	}
}

// isGroupRequest tells a request for a group from the other messages that have
// its number under other methods of key exchange.
func isGroupRequest(method string, msg byte) bool {
	return strings.HasPrefix(method, "diffie-hellman-group-exchange-") &&
		slices.Contains([]byte{sshGexRequestOld, sshGexRequest}, msg)
}

// refuse tells the extensions, accepts the service of logging in and refuses
// everybody, naming keys as the one way.
func (s *sshRun) refuse() {
	s.send(extInfo("server-sig-algs", "ssh-ed25519,rsa-sha2-256,rsa-sha2-512"))
	for {
		p, ok := s.hear()
		switch {
		case !ok:
			return
		case p[0] == sshServiceRequest:
			s.send(appendSSHString([]byte{sshServiceAccept}, []byte("ssh-userauth")))
		case p[0] == sshUserAuth:
			s.send(append(appendSSHString([]byte{sshAuthFailure}, []byte("publickey")), 0))
		}
	}
}
