package lab

import (
	"crypto/dsa" //nolint:staticcheck // a bad server has such a key
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"sync"

	xssh "golang.org/x/crypto/ssh"
)

// sshSigners are the host keys of the practice servers that speak SSH by
// themselves, by algorithm. All have the same ones, made once.
var sshSigners = map[string]func() xssh.AlgorithmSigner{
	"ssh-ed25519":  sshEd25519,
	"rsa-sha2-256": sshRSA, "rsa-sha2-512": sshRSA, "ssh-rsa": sshRSA,
	"ssh-dss": sshDSA,
}

var (
	sshEd25519 = sshSigner(func() (any, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	})
	sshRSA = sshSigner(func() (any, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	sshDSA = sshSigner(func() (any, error) {
		key := new(dsa.PrivateKey)
		if err := dsa.GenerateParameters(&key.Parameters, rand.Reader, dsa.L1024N160); err != nil {
			return nil, err
		}
		return key, dsa.GenerateKey(key, rand.Reader)
	})
)

func sshSigner(make func() (any, error)) func() xssh.AlgorithmSigner {
	return sync.OnceValue(func() xssh.AlgorithmSigner {
		key, err := make()
		if err != nil {
			panic(err) // only if the machine has no randomness
		}
		s, err := xssh.NewSignerFromKey(key)
		if err != nil {
			panic(err)
		}
		return s.(xssh.AlgorithmSigner)
	})
}
