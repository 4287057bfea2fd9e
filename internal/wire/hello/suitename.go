package hello

import (
	"fmt"
	"strings"
)

// describe reads a suite's parts off its name: TLS_, key exchange and
// authentication, _WITH_, encryption, _, hash. Names of TLS 1.3 have no first
// half (RFC 8446 §B.4), those with CCM mostly no hash (RFC 6655 §3).
func describe(id uint32, name string) Suite {
	s := Suite{ID: id, Name: name, KeyExchange: "any", Authentication: "any", ForwardSecrecy: true}
	plain := strings.TrimSuffix(name, "_OLD")
	_, plain, _ = strings.Cut(plain, "_")
	if id > 0xffff {
		return s.ssl2(plain)
	}
	cipher := plain
	if keys, rest, ok := strings.Cut(plain, "_WITH_"); ok {
		cipher = rest
		if !strings.Contains(rest, "_MGM_") { // those of TLS 1.3 have a first half too: RFC 9367 §3
			s.keys(keys)
		}
	}
	s.cipher(cipher)
	return s
}

// ssl2 reads names such as RC4_128_EXPORT40_WITH_MD5: the keys are always
// exchanged by RSA, and the cipher stands where the keys stand elsewhere.
func (s Suite) ssl2(name string) Suite {
	cipher, mac, _ := strings.Cut(strings.TrimPrefix(name, "CK_"), "_WITH_")
	s.KeyExchange, s.Authentication, s.ForwardSecrecy = "RSA", "RSA", false
	cipher, s.Export = strings.CutSuffix(cipher, "_EXPORT40")
	s.cipher(cipher + "_" + mac)
	if s.Export {
		s.Bits = 40
	}
	return s
}

// keys reads the first half of a name: "DHE_RSA_EXPORT", "DH_anon", "PSK".
func (s *Suite) keys(name string) {
	for _, suffix := range []string{"_EXPORT1024", "_EXPORT", "_FIPS"} {
		if rest, ok := strings.CutSuffix(name, suffix); ok {
			name, s.Export = rest, suffix != "_FIPS"
			break
		}
	}
	switch name {
	case "PSK_DHE": // RFC 6655 §10 names two of them so
		name = "DHE_PSK"
	case "RSA", "PSK", "KRB5", "ECCPWD", "GOSTR341094", "GOSTR341001", "GOSTR341112_256":
		s.KeyExchange, s.Authentication = name, name
		s.ForwardSecrecy = name == "ECCPWD" // RFC 8492 §7
		return
	case "RSA_PSK", "DHE_PSK", "ECDHE_PSK":
	case "SRP_SHA":
		s.KeyExchange, s.Authentication = "SRP", "SRP"
		return
	case "SRP_SHA_RSA", "SRP_SHA_DSS":
		s.KeyExchange, s.Authentication = "SRP", strings.TrimPrefix(name, "SRP_SHA_")
		return
	}
	if exchange, ok := strings.CutSuffix(name, "_PSK"); ok {
		s.KeyExchange, s.Authentication = name, "PSK"
		if exchange == "RSA" {
			s.Authentication, s.ForwardSecrecy = "RSA", false
		}
		return
	}
	s.KeyExchange, s.Authentication, _ = strings.Cut(name, "_")
	s.Anonymous = s.Authentication == "anon" // its keys are used once: RFC 5246 §F.1.1.1
	s.ForwardSecrecy = s.Anonymous || strings.HasSuffix(s.KeyExchange, "DHE")
}

// ciphers are the bits of strength of each encryption.
var ciphers = map[string]int{
	"NULL": 0, "RC4_40": 40, "RC4_56": 56, "RC4_128": 128, "RC2_CBC_40": 40, "RC2_CBC_56": 56, "RC2_128_CBC": 128,
	"IDEA_CBC": 128, "IDEA_128_CBC": 128, "DES40_CBC": 40, "DES_CBC_40": 40, "DES_CBC": 56, "DES_64_CBC": 56,
	"3DES_EDE_CBC": 112, "DES_192_EDE3_CBC": 112, "SEED_CBC": 128,
	"AES_128_CBC": 128, "AES_256_CBC": 256, "AES_128_GCM": 128, "AES_256_GCM": 256,
	"AES_128_CCM": 128, "AES_256_CCM": 256, "AES_128_CCM_8": 128, "AES_256_CCM_8": 256,
	"CAMELLIA_128_CBC": 128, "CAMELLIA_256_CBC": 256, "CAMELLIA_128_GCM": 128, "CAMELLIA_256_GCM": 256,
	"ARIA_128_CBC": 128, "ARIA_256_CBC": 256, "ARIA_128_GCM": 128, "ARIA_256_GCM": 256,
	"CHACHA20_POLY1305": 256, "AEGIS_256": 256, "AEGIS_128L": 128, "SM4_GCM": 128, "SM4_CCM": 128,
	"28147_CNT": 256, "KUZNYECHIK_CTR": 256, "MAGMA_CTR": 256,
	"KUZNYECHIK_MGM_L": 256, "KUZNYECHIK_MGM_S": 256, "MAGMA_MGM_L": 256, "MAGMA_MGM_S": 256,
	"SHA256": 0, "SHA384": 0, // integrity only: RFC 9150
}

var aeads = []string{"_GCM", "_CCM", "_CCM_8", "POLY1305", "AEGIS_", "_MGM_"}

// cipher reads the second half of a name: "AES_128_CBC_SHA", "AES_128_CCM".
func (s *Suite) cipher(name string) {
	encryption, hash := name, ""
	if _, whole := ciphers[name]; !whole {
		cut := strings.LastIndexByte(name, '_')
		encryption, hash = name[:max(cut, 0)], name[cut+1:]
	}
	bits, ok := ciphers[encryption]
	if !ok {
		panic(fmt.Sprintf("hello: %s: no such encryption as %q", s.Name, encryption))
	}
	s.Encryption, s.Bits, s.MAC, s.Null = encryption, bits, hash, bits == 0
	if hash == "SHA" {
		s.MAC = "SHA1"
	}
	if s.Null {
		s.Encryption = "NULL"
	}
	for _, mark := range aeads {
		s.AEAD = s.AEAD || strings.Contains(encryption, mark)
	}
	if s.AEAD {
		s.MAC = "AEAD"
	}
}
