package hello

import "encoding/binary"

const maxAuthorities = 64

// authorities reads the names of a CertificateRequest up to TLS 1.2, which
// come last in it: RFC 5246 §7.4.4. Of a malformed one there are none.
func authorities(v Version, body []byte) [][]byte {
	if len(body) == 0 || len(body) < 1+int(body[0]) {
		return nil
	}
	rest := body[1+int(body[0]):] // behind the types of certificate
	if v == TLS12 {
		var ok bool
		if _, rest, ok = cutVector(rest); !ok { // signature algorithms
			return nil
		}
	}
	return names(rest)
}

// authorities13 reads those of TLS 1.3, which are an extension: RFC 8446
// §4.3.2, §4.2.4.
func authorities13(body []byte) [][]byte {
	if len(body) == 0 || len(body) < 1+int(body[0]) {
		return nil
	}
	exts, _, ok := cutVector(body[1+int(body[0]):])
	if !ok {
		return nil
	}
	return names(find(exts, extAuthorities))
}

// names cuts a list of distinguished names, DER, into some of them.
func names(list []byte) (out [][]byte) {
	list, _, ok := cutVector(list)
	for ok && len(list) > 0 && len(out) < maxAuthorities {
		var name []byte
		if name, list, ok = cutVector(list); ok {
			out = append(out, name)
		}
	}
	return out
}

// find gives the content of an extension; nil if it is not in the list.
func find(exts []byte, id uint16) []byte {
	for len(exts) >= 4 {
		data, rest, ok := cutVector(exts[2:])
		if !ok {
			return nil
		}
		if binary.BigEndian.Uint16(exts) == id {
			return data
		}
		exts = rest
	}
	return nil
}

// stapled gives the OCSP response of a CertificateStatus: RFC 6066 §8.
func stapled(body []byte) []byte {
	if len(body) == 0 || body[0] != 1 {
		return nil
	}
	response, _, _ := cutLong(body[1:])
	return response
}
