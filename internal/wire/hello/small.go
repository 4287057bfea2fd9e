package hello

import "slices"

// shortest is the longest message that every server takes: some fail where the
// length needs two bytes.
const shortest = 255

// Groups and signature schemes that nearly every server has one of.
var (
	usualGroups     = []uint16{groupX25519, groupP256, groupP384, groupP521}
	usualSignatures = []uint16{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0201}
)

// Small gives hellos that together offer every suite of the version, none of
// which is longer than 255 bytes as long as the name is not.
func Small(v Version, name string) (out []Offer) {
	o := Offer{Version: v, Name: name}.small()
	first, rest := suitesOf(v)
	if v == TLS13 {
		first, rest = slices.Concat(first, rest, usual[:11]), nil // see batches
	}
	for suites := range slices.Chunk(slices.Concat(first, rest), o.room()) {
		o.Suites = suites
		out = append(out, o)
	}
	return out
}

// small leaves out all that makes a hello long.
func (o Offer) small() Offer {
	o.Groups, o.Signatures, o.Suites = usualGroups, usualSignatures, nil
	if o.Version == TLS13 && o.Shares == nil {
		o.Shares = []uint16{groupX25519}
	}
	return o
}

// with offers some of the suites, of which any will do.
func (o Offer) with(suites []uint16) Offer {
	o.Suites = suites[:min(len(suites), 8)]
	return o
}

// room is how many more numbers a hello has room for.
func (o Offer) room() int {
	return max(1, (shortest-(len(o.Bytes())-recordHead))/2)
}
