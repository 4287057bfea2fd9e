package udp

import "encoding/binary"

// SNMP is one question to an SNMP agent, and the number by which its answer is
// known.
type SNMP struct {
	Send    []byte
	id      uint32
	version uint32
}

// Versions of SNMP as messages number them (RFC 1157 §4, RFC 1901 §3, RFC 3412
// §6.1).
const (
	SNMPv1  = 0
	SNMPv2c = 1
	snmpv3  = 3
)

const (
	pduGet      = 0xa0 // GetRequest-PDU
	pduResponse = 0xa2
	pduReport   = 0xa8

	authorizationError = 16 // RFC 3416 §3
	securityUSM        = 3
	flagReportable     = 4
	mostSNMP           = 65507
)

// sysUpTime.0: what every agent has and what tells nothing.
var upTime = []byte{0x2b, 6, 1, 2, 1, 1, 3, 0}

func snmpID() uint32 { return binary.BigEndian.Uint32(chance(4)) >> 1 }

// NewSNMPGet asks for the up time with a community (RFC 3416 §4.2.1).
func NewSNMPGet(version uint32, community string) SNMP {
	id := snmpID()
	asked := ber(tagSequence, ber(tagSequence, ber(tagOID, upTime), ber(tagNull)))
	return SNMP{id: id, version: version, Send: ber(tagSequence,
		berInt(version), ber(tagOctets, []byte(community)),
		ber(pduGet, berInt(id), berInt(0), berInt(0), asked))}
}

// NewSNMPDiscovery asks an agent for its engine ID, as every user of SNMPv3
// does before it says its name (RFC 3414 §4): no credential is in it.
func NewSNMPDiscovery() SNMP {
	id := snmpID()
	nobody := ber(tagSequence, ber(tagOctets), berInt(0), berInt(0), ber(tagOctets), ber(tagOctets), ber(tagOctets))
	scoped := ber(tagSequence, ber(tagOctets), ber(tagOctets), ber(pduGet, berInt(id), berInt(0), berInt(0), ber(tagSequence)))
	return SNMP{id: id, version: snmpv3, Send: ber(tagSequence,
		berInt(snmpv3),
		ber(tagSequence, berInt(id), berInt(mostSNMP), ber(tagOctets, []byte{flagReportable}), berInt(securityUSM)),
		ber(tagOctets, nobody), scoped)}
}

// Answered tells whether a datagram is the agent's answer: a response of the
// same version and number or, for a discovery, a report. accepted is false
// where it says that the community may not read.
func (q SNMP) Answered(b []byte) (accepted, ok bool) {
	all := elements{rest: b, ok: true}
	m := all.in(tagSequence)
	if v := m.number(); !m.ok || v != q.version {
		return false, false
	}
	if q.version == snmpv3 {
		return q.reported(m)
	}
	m.take(tagOctets) // the community
	pdu := m.in(pduResponse)
	id, status := pdu.number(), pdu.number()
	if !pdu.ok || id != q.id {
		return false, false
	}
	return status != authorizationError, true
}

func (q SNMP) reported(m *elements) (accepted, ok bool) {
	id := m.in(tagSequence).number()
	m.take(tagOctets) // security parameters
	scoped := m.in(tagSequence)
	scoped.take(tagOctets)
	scoped.take(tagOctets)
	scoped.take(pduReport)
	ok = m.ok && scoped.ok && id == q.id
	return ok, ok
}
