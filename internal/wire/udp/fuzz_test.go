package udp

import (
	"testing"
	"time"
)

// Whatever comes, no parser panics and none takes our own question for its
// answer.
func FuzzParsers(f *testing.F) {
	v2, main, snmp, v3, cldap, dns, ntp := NewSAInit(OfferStrong), NewMain(V1Shared, 0), NewSNMPGet(SNMPv1, "public"), NewSNMPDiscovery(), NewCLDAP(), NewDNS(), NewNTP()
	control, presence, memcached := NewControl(), NewPresence(), NewMemcached()
	for _, b := range [][]byte{v2.Send, main.Send, snmp.Send, v3.Send, cldap.Send, dns.Send, ntp.Send, control.Send, Monlist, presence.Send, Capabilities, memcached.Send, TFTP(), SSDP("h")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = snmp.Answered(b)
		_, _ = v3.Answered(b)
		_, _ = dns.Read(b)
		_, _ = ntp.Read(b, time.Unix(0, 0))
		_, _ = control.Answered(b)
		_, _ = MonlistAnswered(b)
		_, _ = presence.Answered(b)
		_, _ = ReadCapabilities(b)
		_, _ = memcached.Answered(b), cldap.Answered(b)
		_, _, _ = ChargenAnswered(b), SSDPAnswered(b), TFTPAnswered(b)
	})
}

// An answer in IKE that has our number in front is read to its end, or not at
// all.
func FuzzIKE(f *testing.F) {
	sent := NewSAInit(OfferStrong).Send
	f.Add(message(sent[:8], v2SA, 0x20, exchangeSAInit, 0x20, payload(0, proposal2(1, true, []transform{{typeEncr, 3, 0}, {typeGroup, 14, 0}})))[8:])
	f.Add(message(sent[:8], v2Notify, 0x20, exchangeSAInit, 0x20, payload(0, []byte{0, 0, 0x40, 6, 1}))[8:])
	f.Add(message(sent[:8], v1SA, 0x10, exchangeMain, 0, sa1(0, suites1([]int{v1AES}, []int{v1SHA1}, []int{14}), V1Shared))[8:])
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := ReadIKE(sent, append(sent[:8:8], b...))
		if ok && !a.Accepted && a.Notify == 0 && a.Cookie == nil {
			t.Errorf("%+v says nothing", a)
		}
	})
}
