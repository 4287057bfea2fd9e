package sshkex

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"slices"
	"testing"
)

// FuzzOlder: what is taken for SSH 1 has a greeting and a whole public key.
func FuzzOlder(f *testing.F) {
	f.Add([]byte("SSH-1.99-x\n"))
	f.Add([]byte(greeting + "Protocol major versions differ.\n"))
	f.Add(slices.Concat([]byte(greeting), packet(offered.payload())))
	f.Add(slices.Concat([]byte("SSH-1.5-x\n"), publicKey1()))
	f.Add(slices.Concat([]byte("SSH-1.5-x\n"), []byte{0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 0}))
	f.Fuzz(func(t *testing.T, said []byte) {
		o, err := OpenOlder(serverSays(said))
		if err == nil && (o.Banner.Protocol == "" || o.Spoken && len(said) < leastKeys) {
			t.Errorf("%+v", o)
		}
		if err != nil && o.Spoken {
			t.Errorf("%+v beside %v", o, err)
		}
	})
}

// FuzzAfter: what comes once keys are agreed on, without their encryption.
func FuzzAfter(f *testing.F) {
	accept := packet(appendString([]byte{msgServiceAccept}, userAuth))
	failure := packet(append(appendString([]byte{msgAuthFailure}, "publickey,password"), 0))
	notice := packet(appendString(appendString([]byte{msgAuthBanner}, "Xin chào"), ""))
	told := packet(extInfo("server-sig-algs", "ssh-ed25519"))
	f.Add(slices.Concat(told, accept, notice, failure))
	f.Add(slices.Concat(told, told))
	f.Add(slices.Concat(accept, packet([]byte{msgAuthSuccess})))
	f.Add(slices.Concat(accept, packet(disconnect("no"))))
	f.Add(packet([]byte{msgExtInfo, 0xff, 0xff, 0xff, 0xff}))
	f.Fuzz(func(t *testing.T, said []byte) {
		s, err := Open(serverSays(append([]byte(greeting), said...)))
		if err != nil {
			t.Fatal(err)
		}
		all, told, err := s.Service()
		if err != nil {
			return
		}
		if len(all) > maxExtensions || !told && len(all) > 0 {
			t.Errorf("%d extensions, told: %v", len(all), told)
		}
		l, err := s.None("nobody")
		if len(l.Notice) > maxNotice || len(l.Methods) > maxMethods && err == nil || l.Accepted && len(l.Methods) > 0 {
			t.Errorf("%+v", l)
		}
	})
}

// FuzzOpen: sealed packets that are none, by every cipher and MAC.
func FuzzOpen(f *testing.F) {
	p := &Proof{secret: appendNumber(nil, big.NewInt(7)), Hash: make([]byte, 32), sum: sha256.New}
	for i := range ways {
		s, err := ways[i].make(ways[i], p.keys("BDF", false), macs[i%len(macs)])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, s.seal([]byte{msgServiceAccept, 0, 0, 0, 0}, 3))
	}
	f.Add(5, []byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, i int, said []byte) {
		i = int(uint(i) % uint(len(ways)))
		m := macs[i%len(macs)]
		s, err := ways[i].make(ways[i], p.keys("BDF", true), m)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := s.open(bytes.NewReader(said), 3)
		if err == nil && len(payload) > len(said) {
			t.Errorf("%d bytes out of %d", len(payload), len(said))
		}
	})
}

func extInfo(name, value string) []byte {
	return appendString(appendString([]byte{msgExtInfo, 0, 0, 0, 1}, name), value)
}
