package hello

import "slices"

// Values that nobody will ever use, for servers must pass over what they do
// not know: RFC 8701.
const (
	greaseSuite     = 0x1a1a
	greaseExtension = 0x2a2a
	greaseGroup     = 0x3a3a
	greaseSignature = 0x4a4a
	greaseVersion   = 0x5a5a
)

// Each of these gives the offer with one thing more that a server must bear.

// UnknownSuite names a suite that does not exist.
func (o Offer) UnknownSuite() Offer {
	o.Suites = append([]uint16{greaseSuite}, o.Suites...)
	return o
}

// UnknownExtension holds two extensions that do not exist.
func (o Offer) UnknownExtension() Offer {
	o.Extra = append(slices.Clone(o.Extra), Extension{ID: greaseExtension}, Extension{ID: greaseExtension + 0x1010, Data: []byte{0}})
	return o
}

// UnknownGroup names a group that does not exist, with a key of it.
func (o Offer) UnknownGroup() Offer {
	o.Groups = append([]uint16{greaseGroup}, orAll(o.Groups, groups)...)
	if o.Version == TLS13 {
		o.Shares = append([]uint16{greaseGroup}, o.shares()...)
	}
	return o
}

// UnknownSignature names a scheme that does not exist.
func (o Offer) UnknownSignature() Offer {
	o.Signatures = append([]uint16{greaseSignature}, orAll(o.Signatures, signatures)...)
	return o
}

// UnknownVersion names in supported_versions one that does not exist.
func (o Offer) UnknownVersion() Offer {
	o.Ahead = append([]uint16{greaseVersion}, o.Ahead...)
	return o
}

// Claiming names a version that does not exist, the way of TLS 1.2.
func (o Offer) Claiming(v Version) Offer {
	o.Claims = v
	return o
}

// ManySuites names all that there are, more than 128.
func (o Offer) ManySuites() Offer {
	o.Suites = slices.Concat(o.Suites, without(o.Suites, poolOf(TLS12).lists[0]))
	return o
}

// EmptyLast ends in an extension without content.
func (o Offer) EmptyLast() Offer {
	o.Last = append(slices.Clone(o.Last), Extension{ID: greaseExtension + 0x2020})
	return o
}

// Sized is padded to so many bytes.
func (o Offer) Sized(bytes int) Offer {
	o.Size = bytes
	return o
}
