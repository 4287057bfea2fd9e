package lab

import (
	"bufio"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"
)

// sshd is an SSH server as far as a scanner goes: banner, algorithm lists and,
// if need be, the group of a Diffie-Hellman group exchange. It never finishes
// a key exchange. Bad recipes spoil one field of a good one.
type sshd struct {
	banner   string
	kex      []string
	hostKeys []string
	ciphers  []string
	macs     []string
	prime    *big.Int // answers a group exchange, with generator 2; nil: no answer
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
	d := goodSSH()
	for _, s := range spoil {
		s(d)
	}
	return raw(d.talk)
}

// talk greets, sends KEXINIT once the client has greeted, then answers group
// exchanges, for half a minute, and hangs up at anything else.
func (d *sshd) talk(c *conn) {
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := c.Write([]byte(d.banner + "\r\n")); err != nil {
		return
	}
	r := bufio.NewReader(c)
	if line, err := r.ReadSlice('\n'); err != nil || len(line) > sshMaxLine {
		return
	}
	if _, err := c.Write(sshPacket(d.kexInit())); err != nil {
		return
	}
	var method string // of key exchange, as negotiated
	for {
		payload, err := readSSHPacket(r)
		if err != nil {
			break
		}
		switch msg := payload[0]; {
		case msg == sshKexInit:
			method, _ = firstCommon(clientKex(payload), d.kex)
		case d.prime != nil && isGroupRequest(method, msg):
			if _, err := c.Write(sshPacket(groupAnswer(d.prime))); err != nil {
				return
			}
		default:
			return // a key exchange, which it cannot finish
		}
	}
	_, _ = io.Copy(io.Discard, r) // no longer intelligible; wait for the peer to leave
}

// isGroupRequest tells a request for a group from the other messages that have
// its number under other methods of key exchange.
func isGroupRequest(method string, msg byte) bool {
	return strings.HasPrefix(method, "diffie-hellman-group-exchange-") &&
		slices.Contains([]byte{sshGexRequestOld, sshGexRequest}, msg)
}
