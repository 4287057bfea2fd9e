package udp

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// with gives b with the bytes at a place replaced.
func with(b []byte, at int, put ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[at:], put)
	return b
}

func TestSNMP(t *testing.T) {
	q := SNMP{id: 0x2bcdef, version: SNMPv2c}
	answer := ber(tagSequence, berInt(1), ber(tagOctets, []byte("public")), ber(pduResponse, berInt(0x2bcdef), berInt(0), berInt(0),
		ber(tagSequence, ber(tagSequence, ber(tagOID, upTime), ber(0x43, []byte{1, 2})))))
	if yes, ok := q.Answered(answer); !yes || !ok {
		t.Error("a response is none")
	}
	for name, b := range map[string][]byte{
		"our own question": NewSNMPGet(SNMPv2c, "public").Send,
		"another version":  with(answer, 4, 0),
		"a cut one":        answer[:10],
		"nothing":          {},
	} {
		if _, ok := q.Answered(b); ok {
			t.Errorf("%s is taken for an answer", name)
		}
	}
	if _, ok := (SNMP{id: 5, version: SNMPv2c}).Answered(answer); ok {
		t.Error("the answer to another question is taken")
	}
	refused := ber(tagSequence, berInt(1), ber(tagOctets, []byte("public")), ber(pduResponse, berInt(0x2bcdef), berInt(authorizationError), berInt(0), ber(tagSequence)))
	if yes, ok := q.Answered(refused); yes || !ok {
		t.Error("a refusal is taken for access")
	}
	if got := NewSNMPGet(SNMPv1, "public").Send; !bytes.Contains(got, []byte("public")) || got[4] != 0 {
		t.Errorf("question %x", got)
	}
}

func TestSNMPDiscovery(t *testing.T) {
	made := ber(tagSequence, berInt(3), ber(tagSequence, berInt(1), berInt(65507), ber(tagOctets, []byte{0}), berInt(3)),
		ber(tagOctets, ber(tagSequence, ber(tagOctets, []byte("engine")), berInt(1), berInt(2), ber(tagOctets), ber(tagOctets), ber(tagOctets))),
		ber(tagSequence, ber(tagOctets, []byte("engine")), ber(tagOctets), ber(pduReport, berInt(1), berInt(0), berInt(0), ber(tagSequence))))
	if _, ok := (SNMP{id: 1, version: snmpv3}).Answered(made); !ok {
		t.Error("a report is none")
	}
	if _, ok := (SNMP{id: 2, version: snmpv3}).Answered(made); ok {
		t.Error("the report of another question is taken")
	}
	q := NewSNMPDiscovery()
	if _, ok := q.Answered(q.Send); ok {
		t.Error("an echo is taken for a report")
	}
}

func TestCLDAP(t *testing.T) {
	q := NewCLDAP()
	entry := ber(tagSequence, berInt(q.id), ber(ldapEntry, ber(tagOctets), ber(tagSequence)))
	if !q.Answered(entry) || q.Answered(q.Send) || q.Answered(entry[:8]) {
		t.Error("entry, echo and a cut entry are told apart wrongly")
	}
}

func TestDNS(t *testing.T) {
	q := NewDNS()
	answer := func(flags1, flags2, answers byte) []byte {
		return append([]byte{q.Send[0], q.Send[1], flags1, flags2, 0, 1, 0, answers, 0, 0, 0, 0}, q.Send[12:]...)
	}
	for _, c := range []struct {
		b    []byte
		want DNSAnswer
		ok   bool
	}{
		{answer(0x81, 0x80, 13), DNSAnswer{Recursion: true, Answers: 13}, true},
		{answer(0x81, 0x05, 0), DNSAnswer{RCode: 5}, true},
		{answer(0x81, 0x82, 0), DNSAnswer{Recursion: true, RCode: 2}, true},
		{with(answer(0x81, 0x80, 13), 0, q.Send[0]+1), DNSAnswer{}, false},
		{with(answer(0x81, 0x80, 13), 14, 1), DNSAnswer{}, false}, // A, not NS
		{q.Send, DNSAnswer{}, false},
		{answer(0x81, 0x80, 1)[:11], DNSAnswer{}, false},
	} {
		got, ok := q.Read(c.b)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%x: %+v %v, want %+v %v", c.b, got, ok, c.want, c.ok)
		}
	}
}

func TestNTP(t *testing.T) {
	now := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	q := NewNTP()
	b := make([]byte, ntpPacket)
	b[0], b[1] = 4<<3|4, 2
	copy(b[24:], q.Send[40:])
	stamp := func(at int, when time.Time) {
		s := uint32(when.Unix() - ntpEpoch)
		b[at], b[at+1], b[at+2], b[at+3], b[at+4] = byte(s>>24), byte(s>>16), byte(s>>8), byte(s), 0x80
	}
	stamp(32, now.Add(60*time.Second))
	stamp(40, now.Add(61*time.Second))
	got, ok := q.Read(b, now)
	if !ok || got.Stratum != 2 || got.Leap != 0 {
		t.Fatalf("%+v %v", got, ok)
	}
	ahead, trip := got.Offset(now, now.Add(3*time.Second))
	if ahead != 59*time.Second+500*time.Millisecond || trip != 2*time.Second {
		t.Errorf("ahead %v, trip %v", ahead, trip)
	}
	if _, ok := q.Read(with(b, 24, b[24]+1), now); ok {
		t.Error("an answer to another is taken")
	}
	if _, ok := q.Read(q.Send, now); ok {
		t.Error("an echo is taken")
	}
	for code, want := range map[string]string{"RATE": "RATE", "INIT": "", "\x00\x00\x00\x00": ""} {
		b := with(with(b, 1, 0), 12, []byte(code)...)
		if got, ok := q.Read(b, now); !ok || got.Stratum != 16 || got.Kiss != want {
			t.Errorf("%q: %+v", code, got)
		}
	}
	late := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC) // the era after 2036
	stamp(32, late)
	if got, _ := q.Read(b, late); got.Received.Truncate(time.Second) != late {
		t.Errorf("the next era reads as %v", got.Received)
	}
}

func TestNTPControl(t *testing.T) {
	q := NewControl()
	answer := with(q.Send, 1, 0x82)
	if granted, ok := q.Answered(answer); !granted || !ok {
		t.Error("an answer is none")
	}
	if granted, ok := q.Answered(with(answer, 1, 0xc2)); granted || !ok {
		t.Error("an error is none")
	}
	if _, ok := q.Answered(q.Send); ok {
		t.Error("an echo is taken")
	}
	list := []byte{0x97, 0, 3, 42, 0, 1, 0, 72}
	if granted, ok := MonlistAnswered(list); !granted || !ok {
		t.Error("a list is none")
	}
	if granted, ok := MonlistAnswered(with(list, 4, 0x40)); granted || !ok {
		t.Error("an error is taken for a list")
	}
	if _, ok := MonlistAnswered(Monlist); ok {
		t.Error("an echo is taken for a list")
	}
}

func TestSmall(t *testing.T) {
	m := NewMemcached()
	version := append(bytes.Clone(m.Send[:8]), "VERSION 1.6.18\r\n"...)
	if !m.Answered(version) || m.Answered(m.Send) || m.Answered(with(version, 0, m.Send[0]+1)) {
		t.Error("memcached")
	}
	if !ChargenAnswered([]byte(" !\"#$%&\r\n")) || ChargenAnswered(Nudge) || ChargenAnswered([]byte{0, 1}) || ChargenAnswered(nil) || ChargenAnswered(bytes.Repeat([]byte("a"), 513)) {
		t.Error("chargen")
	}
	if !SSDPAnswered([]byte("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n")) || SSDPAnswered(SSDP("127.0.0.1:1900")) || SSDPAnswered([]byte("HTTP/1.1 200 OK\r\n\r\n")) {
		t.Error("ssdp")
	}
	if !TFTPAnswered([]byte("\x00\x05\x00\x01File not found\x00")) || !TFTPAnswered([]byte("\x00\x03\x00\x01abc")) || TFTPAnswered(TFTP()) || TFTPAnswered([]byte("\x00\x05\x00\x01")) {
		t.Error("tftp")
	}
}

func TestIPMI(t *testing.T) {
	q := NewPresence()
	pong := append([]byte{6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x40, q.tag, 0, 16}, 0, 0, 0x11, 0xbe, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0)
	if ipmi, ok := q.Answered(pong); !ipmi || !ok {
		t.Error("a pong is none")
	}
	if _, ok := q.Answered(q.Send); ok {
		t.Error("an echo is a pong")
	}
	if want := unhex(t, "0600ff07000000000000000000092018c88100388e04b5"); !bytes.Equal(Capabilities, want) {
		t.Errorf("question %x, want %x", Capabilities, want)
	}
	m := []byte{0x81, 0x1c, 0x63, 0x20, 0, 0x38, 0, 1, 0x97, 0x03, 0x03, 0, 0, 0, 0}
	m = append(m, sumTo0(m[3:]))
	answer := append([]byte{6, 0, 0xff, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16}, m...)
	got, ok := ReadCapabilities(answer)
	if want := (Authentication{V15: true, V20: true, None: true, Anonymous: true, NullUser: true, StraightKey: true}); !ok || got != want {
		t.Errorf("%+v %v", got, ok)
	}
	for name, b := range map[string][]byte{"sum": with(answer, 22, 0), "echo": Capabilities, "cut": answer[:20], "refused": with(answer, 20, 0xc1)} {
		if _, ok := ReadCapabilities(b); ok {
			t.Errorf("%s: taken for an answer", name)
		}
	}
}

func TestIKE(t *testing.T) {
	q := NewSAInit(OfferWeakEncryption)
	answer := func(kind byte, body ...[]byte) []byte {
		b := message(q.Send[:8], kind, 0x20, exchangeSAInit, 0x20, payload(0, body...))
		return with(b, 8, 1, 2, 3, 4, 5, 6, 7, 8)
	}
	sa := proposal2(1, true, []transform{{typeEncr, Encr3DES, 0}, {typePRF, prfSHA1, 0}, {typeInteg, integSHA1, 0}, {typeGroup, 14, 0}})
	for _, c := range []struct {
		name string
		b    []byte
		want IKEAnswer
		ok   bool
	}{
		{"chosen", answer(v2SA, sa), IKEAnswer{Version: 2, Accepted: true, Chosen: Suite{Encr3DES, integSHA1, prfSHA1, 14}}, true},
		{"another group", answer(v2Notify, []byte{0, 0, 0, 17, 0, 19}), IKEAnswer{Version: 2, Accepted: true, Chosen: Suite{Group: 19}}, true},
		{"refused", answer(v2Notify, []byte{0, 0, 0, 14}), IKEAnswer{Version: 2, Notify: NotifyNoProposal}, true},
		{"nothing said", answer(v2Nonce, make([]byte, 32)), IKEAnswer{}, false},
		{"echo", q.Send, IKEAnswer{}, false},
		{"cut", answer(v2SA, sa)[:40], IKEAnswer{}, false},
		{"absurd length", with(answer(v2SA, sa), 30, 0xff, 0xff), IKEAnswer{}, false},
	} {
		got, ok := ReadIKE(q.Send, c.b)
		if ok != c.ok || ok && (got.Accepted != c.want.Accepted || got.Chosen != c.want.Chosen || got.Notify != c.want.Notify) {
			t.Errorf("%s: %+v %v, want %+v", c.name, got, ok, c.want)
		}
	}
	got, ok := ReadIKE(q.Send, answer(v2Notify, []byte{0, 0, 0x40, 6}, []byte("cookie")))
	if !ok || string(got.Cookie) != "cookie" {
		t.Errorf("cookie %+v %v", got, ok)
	}
	if b := q.With(got.Cookie).Send; !bytes.Contains(b, []byte("cookie")) || len(b) != len(q.Send)+8+6 {
		t.Errorf("with its cookie: %x", b)
	}
}

func TestIKEv1(t *testing.T) {
	q := NewMain(V1Shared, 0)
	chosen := Suite{Encryption: V13DES, Integrity: v1SHA1, Group: 2}
	b := message(q.Send[:8], v1SA, 0x10, exchangeMain, 0, sa1(0, []Suite{chosen}, V1Shared))
	b = with(b, 8, 1)
	if got, ok := q.Read(b); !ok || !got.Accepted || got.Chosen != chosen {
		t.Errorf("%+v %v", got, ok)
	}
	for _, c := range []struct {
		Suite
		weak bool
	}{{chosen, true}, {Suite{Encryption: v1AES, Integrity: v1SHA1, Group: 14}, false}, {Suite{Encryption: v1AES, Integrity: V1MD5, Group: 14}, true}, {Suite{Encryption: v1AES, Integrity: v1SHA1, Group: 5}, true}} {
		if c.Weak1() != c.weak {
			t.Errorf("%+v is weak: %v", c.Suite, !c.weak)
		}
	}
	if _, ok := q.Read(q.Send); ok {
		t.Error("an echo is taken")
	}
	no := message(q.Send[:8], v1Notify, 0x10, 5, 0, payload(0, []byte{0, 0, 0, 1, 1, 0, 0, 14}))
	if got, ok := q.Read(no); !ok || got.Accepted || got.Notify != NotifyNoProposal {
		t.Errorf("%+v %v", got, ok)
	}
	for name, n := range map[string]int{"main": len(NewMain(V1RSAXAuth, 0).Send), "more": len(NewMain(V1RSAXAuth, 1).Send), "most": len(NewMain(V1RSAXAuth, 2).Send), "v2 enc": len(NewSAInit(OfferWeakEncryption).Send), "v2 group": len(NewSAInit(OfferWeakGroup).Send), "v2 strong": len(NewSAInit(OfferStrong).Send), "aggressive": len(NewAggressive(V1SharedXAuth, 14).Send), "v2": len(NewSAInit(OfferWeakHash).Send)} {
		if n > 1232 {
			t.Errorf("%s takes %d bytes: more than any path carries whole", name, n)
		}
		t.Log(name, n)
	}
}

// Only a choice of what was offered takes an offer.
func TestOfferTakes(t *testing.T) {
	took := func(s Suite) IKEAnswer { return IKEAnswer{Version: 2, Accepted: true, Chosen: s} }
	for _, c := range []struct {
		o    Offer
		a    IKEAnswer
		want bool
	}{
		{OfferStrong, took(Suite{encrAESCBC, integSHA256, prfSHA256, 14}), true},
		{OfferStrong, took(Suite{Group: 19}), true},
		{OfferStrong, took(Suite{Group: 2}), false},
		{OfferStrong, took(Suite{Encr3DES, integSHA1, prfSHA1, 14}), false},
		{OfferStrong, IKEAnswer{Version: 2, Notify: NotifyNoProposal}, false},
		{OfferWeakEncryption, took(Suite{Encr3DES, IntegMD5, PRFMD5, 2}), true},
		{OfferWeakEncryption, took(Suite{encrAESCBC, integSHA256, prfSHA256, 14}), false},
		{OfferWeakHash, took(Suite{Encr3DES, IntegMD5, prfSHA1, 2}), true},
		{OfferWeakHash, took(Suite{encrAESCBC, integSHA256, prfSHA256, 14}), false},
		{OfferWeakGroup, took(Suite{Group: 14}), false}, // the one it likes, which nobody offered
		{OfferWeakGroup, took(Suite{Group: 5}), true},
		{OfferWeakGroup, took(Suite{encrAESGCM, 0, prfSHA256, 2}), true},
	} {
		if got := c.o.Takes(c.a); got != c.want {
			t.Errorf("%d %+v: %v, want %v", c.o, c.a, got, c.want)
		}
	}
}
