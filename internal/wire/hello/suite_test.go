package hello

import (
	"crypto/tls"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	ids, names := map[uint32]bool{}, map[string]bool{}
	for _, s := range All() {
		if ids[s.ID] || names[s.Name] || s.ID == 0 || s.ID == uint32(NoRenegotiation) || s.ID == uint32(FallBack) {
			t.Errorf("0x%04x %s: twice, or no suite", s.ID, s.Name)
		}
		ids[s.ID], names[s.Name] = true, true
		if s.Encryption == "" || s.MAC == "" || s.AEAD && s.MAC != "AEAD" || s.Null != (s.Bits == 0) {
			t.Errorf("%+v", s)
		}
	}
	if len(ids) != 372 {
		t.Errorf("%d suites", len(ids))
	}
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if got := Find(uint32(s.ID)).Name; got != s.Name {
			t.Errorf("0x%04x is %s, crypto/tls has %s", s.ID, got, s.Name)
		}
	}
	if s := Find(0xfafa); s.Name != "0xfafa" || s.KeyExchange != "" {
		t.Errorf("a suite that nobody has named: %+v", s)
	}
}

// TestDescribe has one of each way in which names are made.
func TestDescribe(t *testing.T) {
	for _, want := range []Suite{
		{0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", "RSA", "RSA", "RC4_40", 40, "MD5", false, false, false, false, true},
		{0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA", "DHE", "RSA", "DES40_CBC", 40, "SHA1", false, true, false, false, true},
		{0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA", "DH", "anon", "3DES_EDE_CBC", 112, "SHA1", false, true, false, true, false},
		{0x0026, "TLS_KRB5_EXPORT_WITH_DES_CBC_40_SHA", "KRB5", "KRB5", "DES_CBC_40", 40, "SHA1", false, false, false, false, true},
		{0x0036, "TLS_DH_DSS_WITH_AES_256_CBC_SHA", "DH", "DSS", "AES_256_CBC", 256, "SHA1", false, false, false, false, false},
		{0x003b, "TLS_RSA_WITH_NULL_SHA256", "RSA", "RSA", "NULL", 0, "SHA256", false, false, true, false, false},
		{0x0065, "TLS_DHE_DSS_EXPORT1024_WITH_RC4_56_SHA", "DHE", "DSS", "RC4_56", 56, "SHA1", false, true, false, false, true},
		{0x00ac, "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", "RSA_PSK", "RSA", "AES_128_GCM", 128, "AEAD", true, false, false, false, false},
		{0x1305, "TLS_AES_128_CCM_8_SHA256", "any", "any", "AES_128_CCM_8", 128, "AEAD", true, true, false, false, false},
		{0xc01e, "TLS_SRP_SHA_RSA_WITH_AES_128_CBC_SHA", "SRP", "RSA", "AES_128_CBC", 128, "SHA1", false, true, false, false, false},
		{0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE", "ECDSA", "AES_128_GCM", 128, "AEAD", true, true, false, false, false},
		{0xc0aa, "TLS_PSK_DHE_WITH_AES_128_CCM_8", "DHE_PSK", "PSK", "AES_128_CCM_8", 128, "AEAD", true, true, false, false, false},
		{0xc0b4, "TLS_SHA256_SHA256", "any", "any", "NULL", 0, "SHA256", false, true, true, false, false},
		{0xc103, "TLS_GOSTR341112_256_WITH_KUZNYECHIK_MGM_L", "any", "any", "KUZNYECHIK_MGM_L", 256, "AEAD", true, true, false, false, false},
		{0xcc13, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD", "ECDHE", "RSA", "CHACHA20_POLY1305", 256, "AEAD", true, true, false, false, false},
		{0xfeff, "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA", "RSA", "RSA", "3DES_EDE_CBC", 112, "SHA1", false, false, false, false, false},
		{0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5", "RSA", "RSA", "RC2_128_CBC", 40, "MD5", false, false, false, false, true},
	} {
		if got := Find(want.ID); got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

// TestTableAgainstOpenSSL compares all that OpenSSL knows.
func TestTableAgainstOpenSSL(t *testing.T) {
	out, err := exec.Command("openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:eNULL:@SECLEVEL=0").Output()
	if err != nil {
		if os.Getenv("SANSANG_REAL") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	line := regexp.MustCompile(`0x(..),0x(..) - (\S+) +- \S+ +(\S+) +Kx=(\S+) +Au=(\S+) +Enc=(\S+) +Mac=(\S+)`)
	exchange := strings.NewReplacer("DHEPSK", "DHE_PSK", "RSAPSK", "RSA_PSK", "ECDHE_PSK", "ECDHE_PSK")
	n := 0
	for _, m := range line.FindAllStringSubmatch(string(out), -1) {
		n++
		id, _ := strconv.ParseUint(m[1]+m[2], 16, 32)
		s := Find(uint32(id))
		if s.Name != m[3] {
			t.Errorf("0x%04x is %s, OpenSSL has %s", id, s.Name, m[3])
		}
		ours := strings.TrimSuffix(s.KeyExchange, "E") // OpenSSL says DH for DHE
		theirs := exchange.Replace(m[5])
		if ours != theirs && s.KeyExchange != theirs {
			t.Errorf("%s: key exchange %s, OpenSSL has %s", s.Name, s.KeyExchange, m[5])
		}
		if au := strings.Replace(s.Authentication, "anon", "None", 1); au != m[6] {
			t.Errorf("%s: authentication %s, OpenSSL has %s", s.Name, au, m[6])
		}
		if s.MAC != m[8] {
			t.Errorf("%s: MAC %s, OpenSSL has %s", s.Name, s.MAC, m[8])
		}
		_, bits, _ := strings.Cut(strings.TrimSuffix(m[7], ")"), "(")
		if bits == "168" {
			bits = "112" // the length of three keys, of which one gives no strength: NIST SP 800-57 table 2
		}
		if bits != "" && bits != strconv.Itoa(s.Bits) || bits == "" && !s.Null {
			t.Errorf("%s: %d bits, OpenSSL has %s", s.Name, s.Bits, m[7])
		}
		since := map[string]Version{"SSLv3": SSL3, "TLSv1": TLS10, "TLSv1.2": TLS12, "TLSv1.3": TLS13}[m[4]]
		if got := s.since(); got > since {
			t.Errorf("%s: since %s, OpenSSL has it since %s", s.Name, got, m[4])
		}
	}
	if n < 30 {
		t.Errorf("only %d suites in\n%s", n, out)
	}
}
