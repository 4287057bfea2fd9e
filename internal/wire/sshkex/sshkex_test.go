package sshkex

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/wire/hello"
)

// stream is a server that has said all it will say; what is sent to it is kept.
type stream struct {
	io.Reader
	sent bytes.Buffer
}

func (s *stream) Write(b []byte) (int, error) { return s.sent.Write(b) }

func serverSays(parts ...[]byte) *stream {
	return &stream{Reader: bytes.NewReader(slices.Concat(parts...))}
}

func packet(payload []byte) []byte {
	var b bytes.Buffer
	_ = writePacket(&b, payload) // a Buffer takes everything
	return b.Bytes()
}

// group is odd and of that size, which is all that is asked of it here.
func group(bits uint) []byte {
	prime := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return groupOf(prime.SetBit(prime, 0, 1), big.NewInt(2))
}

func groupOf(prime, generator *big.Int) []byte {
	return appendNumber(appendNumber([]byte{msgGexGroup}, prime), generator)
}

func disconnect(text string) []byte {
	return appendString(appendString(binary.BigEndian.AppendUint32([]byte{msgDisconnect}, 2), text), "")
}

var offered = KexInit{
	Kex:         []string{"curve25519-sha256", gexSHA1, gexSHA256, ExtInfo, StrictKex},
	HostKeys:    []string{"ssh-ed25519"},
	Ciphers:     [2][]string{{"aes128-ctr"}, {"aes128-ctr", "3des-cbc"}},
	MACs:        [2][]string{{"hmac-sha2-256"}, {"hmac-sha2-256"}},
	Compression: [2][]string{{"none"}, {"none"}},
	Languages:   [2][]string{{}, {}},
}

var group14 = hello.NamedPrime("RFC 3526 group 14")

const greeting = "SSH-2.0-OpenSSH_9.9 Debian-1\r\n"

func TestKexInit(t *testing.T) {
	srv := serverSays([]byte("Xin chào\r\n"+greeting), packet([]byte{msgIgnore, 0, 0, 0, 0}), packet(offered.payload()))
	s, err := Open(srv)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Banner{Raw: strings.TrimSpace(greeting), Protocol: "2.0", Software: "OpenSSH_9.9", Comments: "Debian-1"}); s.Banner != want {
		t.Errorf("banner %+v, want %+v", s.Banner, want)
	}
	k, err := s.KexInit()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := k.Methods(), []string{"curve25519-sha256", gexSHA1, gexSHA256}; !slices.Equal(got, want) {
		t.Errorf("methods %q, want %q", got, want)
	}
	if got, want := Either(k.Ciphers), []string{"aes128-ctr", "3des-cbc"}; !slices.Equal(got, want) {
		t.Errorf("ciphers %q, want %q", got, want)
	}
	if got := k.GroupExchange(); got != gexSHA256 {
		t.Errorf("group exchange %q", got)
	}
	if got := srv.sent.String(); got != ours {
		t.Errorf("sent %q", got)
	}
}

func TestGroup(t *testing.T) {
	guessed := offered
	guessed.Guessed = true
	for _, c := range []struct {
		name   string
		server KexInit
		says   [][]byte
		bits   int
		err    string
	}{
		{"gives", offered, [][]byte{packet(group(1024))}, 1024, ""},
		{"ignore first", offered, [][]byte{packet([]byte{msgDebug, 0}), packet(group(2048))}, 2048, ""},
		{"guessed another method", guessed, [][]byte{packet([]byte{msgGexGroup, 1}), packet(group(2048))}, 2048, ""},
		{"disconnects", offered, [][]byte{packet(disconnect("too small"))}, 0, `reason 2: "too small"`},
		{"closes", offered, nil, 0, "EOF"},
		{"another message", offered, [][]byte{packet([]byte{33, 0})}, 0, "message 33"},
		{"prime 0", offered, [][]byte{packet(groupOf(big.NewInt(0), big.NewInt(2)))}, 0, "prime of 0 bits"},
		{"prime 1", offered, [][]byte{packet(groupOf(big.NewInt(1), big.NewInt(2)))}, 0, "prime of 1 bits"},
		{"even", offered, [][]byte{packet(groupOf(new(big.Int).Lsh(big.NewInt(1), 2047), big.NewInt(2)))}, 0, "even prime"},
		{"100000 bits", offered, [][]byte{packet(group(100_000))}, 0, "prime of 100000 bits"},
		{"generator 1", offered, [][]byte{packet(groupOf(group14, big.NewInt(1)))}, 0, "generates none"},
		{"generator -1", offered, [][]byte{packet(groupOf(group14, new(big.Int).Sub(group14, big.NewInt(1))))}, 0, "generates none"},
		{"cut short", offered, [][]byte{packet(group(2048)[:100])}, 0, "cut short"},
		{"negative prime", offered, [][]byte{packet([]byte{msgGexGroup, 0, 0, 0, 1, 0x80, 0, 0, 0, 1, 2})}, 0, "not positive"},
		{"only ignored", offered, slices.Repeat([][]byte{packet([]byte{msgIgnore})}, 40), 0, "no answer among them"},
	} {
		srv := serverSays(append([][]byte{[]byte(greeting), packet(c.server.payload())}, c.says...)...)
		s, err := Open(srv)
		if err != nil {
			t.Fatal(err)
		}
		k, err := s.KexInit()
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.ExchangeIn(k, "ssh-ed25519", Sizes{1024, 1024, 2047})
		bits := 0
		if p.Group.Prime != nil {
			bits = p.Group.Bits()
			if err == nil || !strings.Contains(err.Error(), "EOF") {
				t.Errorf("%s: %v, and nothing follows the group", c.name, err)
			}
			err = nil
		}
		if bits != c.bits || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %d, %v; want %d, %q", c.name, bits, err, c.bits, c.err)
		}
		checkSent(t, c.name, srv.sent.Bytes())
	}
}

// checkSent reads back what went to the server.
func checkSent(t *testing.T, name string, sent []byte) {
	t.Helper()
	r := bytes.NewReader(bytes.TrimPrefix(sent, []byte(ours)))
	init, err := readPacket(r)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	mine, err := parseKexInit(init)
	if err != nil || !slices.Equal(mine.Kex, []string{gexSHA256, "ext-info-c"}) || !slices.Equal(mine.HostKeys, offered.HostKeys) {
		t.Errorf("%s: sent KEXINIT %+v, %v", name, mine, err)
	}
	request, err := readPacket(r)
	if want := []byte{msgGexRequest, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 7, 255}; err != nil || !bytes.Equal(request, want) {
		t.Errorf("%s: sent % x, %v; want % x", name, request, err, want)
	}
}

func TestRefusedGreetings(t *testing.T) {
	for name, c := range map[string]struct{ says, err string }{
		"nothing":            {"", "EOF"},
		"too many lines":     {strings.Repeat("Xin chào\r\n", 100), "64 lines"},
		"one endless line":   {strings.Repeat("a", 100000), "8192 bytes"},
		"too long":           {"SSH-2.0-" + strings.Repeat("a", 300) + "\r\n", "SSH greeting of 308 bytes"},
		"no version":         {"SSH-2.0\r\n", "without a version"},
		"control characters": {"SSH-2.0-x\x1b[2J\r\n", "control characters"},
		"another protocol":   {"220 mail.example.test ESMTP\r\n", "EOF"},
	} {
		if _, err := Open(serverSays([]byte(c.says))); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", name, err, c.err)
		}
	}
}

func TestRefusedPackets(t *testing.T) {
	good := offered.payload()
	for name, c := range map[string]struct {
		says []byte
		err  string
	}{
		"2 GB":              {[]byte{0x7f, 0xff, 0xff, 0xff, 4, msgKexInit}, "SSH packet of 2147483647 bytes"},
		"35001 bytes":       {[]byte{0, 0, 0x88, 0xb9}, "SSH packet of 35001 bytes"},
		"only padding":      {[]byte{0, 0, 0, 8, 7, 1, 1, 1, 1, 1, 1, 1}, "with 7 of padding"},
		"cut short":         {packet(good)[:40], "unexpected EOF"},
		"another message":   {packet([]byte{21}), "message 21 where KEXINIT belongs"},
		"lists cut short":   {packet(good[:60]), "KEXINIT is cut short"},
		"bytes after lists": {packet(append(slices.Clone(good), 0)), "with 6 bytes after its lists"},
		"no algorithms":     {packet((&KexInit{}).payload()), "without algorithms"},
		"blank in a name":   {packet((&KexInit{Kex: []string{"a b"}}).payload()), "name-list with the byte 0x20"},
	} {
		s, err := Open(serverSays([]byte(greeting), c.says))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.KexInit(); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", name, err, c.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(greeting))
	f.Add(slices.Concat([]byte("hello\n"+greeting), packet(offered.payload()), packet(group(1024))))
	f.Add(slices.Concat([]byte(greeting), packet(offered.payload()), packet(disconnect("no"))))
	f.Add(slices.Concat([]byte(greeting), []byte{0x7f, 0xff, 0xff, 0xff, 4, msgKexInit}))
	f.Fuzz(func(t *testing.T, said []byte) {
		s, err := Open(serverSays(said))
		if err != nil {
			return
		}
		k, err := s.KexInit()
		if err != nil {
			var d *Disconnected
			if errors.As(err, &d) && len(d.Message) > maxIdent {
				t.Errorf("good-bye of %d bytes", len(d.Message))
			}
			return
		}
		again, err := parseKexInit(k.payload())
		if err != nil || !slices.Equal(again.Kex, k.Kex) || !slices.Equal(again.MACs[1], k.MACs[1]) {
			t.Errorf("KEXINIT %+v became %+v, %v", k, again, err)
		}
		if k.GroupExchange() == "" {
			return
		}
		if p, _ := s.ExchangeIn(k, k.HostKeys[0], Sizes{1024, 1024, 2047}); p.Group.Prime != nil && (p.Group.Bits() < leastBits || p.Group.Bits() > mostBits) {
			t.Errorf("a prime of %d bits", p.Group.Bits())
		}
	})
}

// TestRefuses: only what RFC 4253 §11.1 has for a request that cannot be met.
func TestRefuses(t *testing.T) {
	for reason, want := range map[uint32]bool{0: false, 2: true, 3: true, 10: false, 11: false, 12: false} {
		if got := (&Disconnected{Reason: reason}).Refuses(); got != want {
			t.Errorf("%d: %v", reason, got)
		}
	}
}
