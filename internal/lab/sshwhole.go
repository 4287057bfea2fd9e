package lab

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"sync"
	"time"

	xssh "golang.org/x/crypto/ssh"
)

// wholeSSH is an SSH server that finishes its key exchange and answers whoever
// wants to log in. It lets nobody in, unless it is open, and then opens nothing.
type wholeSSH struct {
	rsaBits  int
	password bool
	open     bool
}

// sshWhole makes a starter for a good SSH server with one thing spoiled. What
// it shows before keys are agreed on is what goodSSH shows.
func sshWhole(spoil ...func(*wholeSSH)) starter {
	w := &wholeSSH{rsaBits: 2048}
	for _, s := range spoil {
		s(w)
	}
	return func(p place) (service, error) {
		config, err := w.config(p.many)
		if err != nil {
			return nil, err
		}
		return each(func(c *conn) {
			_ = c.SetDeadline(time.Now().Add(30 * time.Second))
			s, channels, requests, err := xssh.NewServerConn(c, config)
			if err != nil {
				return
			}
			go xssh.DiscardRequests(requests)
			for ch := range channels {
				_ = ch.Reject(xssh.Prohibited, "practice server")
			}
			_ = s.Close()
		}), nil
	}
}

func (w *wholeSSH) config(shared bool) (*xssh.ServerConfig, error) {
	good, no := goodSSH(), errors.New("nobody logs in to a practice server")
	c := &xssh.ServerConfig{
		Config:        xssh.Config{KeyExchanges: good.kex[:3], Ciphers: good.ciphers, MACs: good.macs},
		ServerVersion: good.banner, NoClientAuth: w.open,
		PublicKeyCallback: func(xssh.ConnMetadata, xssh.PublicKey) (*xssh.Permissions, error) { return nil, no },
		BannerCallback:    func(xssh.ConnMetadata) string { return "May chu thuc hanh\n" },
	}
	if w.password {
		c.PasswordCallback = func(xssh.ConnMetadata, []byte) (*xssh.Permissions, error) { return nil, no }
	}
	if shared && w.rsaBits == 2048 {
		c.AddHostKey(sshEd25519())
		c.AddHostKey(sshRSA2())
		return c, nil
	}
	_, short, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	long, err := rsa.GenerateKey(rand.Reader, w.rsaBits)
	if err != nil {
		return nil, err
	}
	signer, err := xssh.NewSignerFromKey(short)
	if err != nil {
		return nil, err
	}
	c.AddHostKey(signer)
	if signer, err = xssh.NewSignerFromKey(long); err != nil {
		return nil, err
	}
	if signer, err = onlySHA2(signer); err != nil {
		return nil, err
	}
	c.AddHostKey(signer)
	return c, nil
}

// onlySHA2 makes a key of RSA sign with SHA-2 alone (RFC 8332).
func onlySHA2(s xssh.Signer) (xssh.Signer, error) {
	return xssh.NewSignerWithAlgorithms(s.(xssh.AlgorithmSigner), []string{xssh.KeyAlgoRSASHA512, xssh.KeyAlgoRSASHA256})
}

// sshRSA2 is sshRSA without SHA-1.
var sshRSA2 = sync.OnceValue(func() xssh.Signer {
	s, err := onlySHA2(sshRSA())
	if err != nil {
		panic(err) // it is a key of RSA
	}
	return s
})
