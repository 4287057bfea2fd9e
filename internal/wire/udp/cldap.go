package udp

// CLDAP is one search for the root of a directory over UDP (MS-ADTS §7.3.3.2;
// once RFC 1798).
type CLDAP struct {
	Send []byte
	id   uint32
}

const (
	ldapSearch = 0x63 // [APPLICATION 3]
	ldapEntry  = 0x64
	ldapDone   = 0x65
	ldapExists = 0x87 // present [7]
)

// NewCLDAP asks for the root entry: base "", scope base, (objectClass=*).
func NewCLDAP() CLDAP {
	id := snmpID()
	return CLDAP{id: id, Send: ber(tagSequence, berInt(id), ber(ldapSearch,
		ber(tagOctets), ber(tagEnum, []byte{0}), ber(tagEnum, []byte{0}),
		berInt(0), berInt(0), ber(tagBoolean, []byte{0}),
		ber(ldapExists, []byte("objectClass")), ber(tagSequence)))}
}

// Answered tells whether a datagram is the answer: an entry, or the end of the
// search.
func (q CLDAP) Answered(b []byte) bool {
	all := elements{rest: b, ok: true}
	m := all.in(tagSequence)
	id := m.number()
	op, _ := m.next()
	return m.ok && id == q.id && (op == ldapEntry || op == ldapDone)
}
