package pdfsig

import "encoding/asn1"

// definite rewrites one BER value with the lengths of DER (X.690 §8.1.3, §10.1),
// and strings in pieces as one. ISO 32000 asks for DER, but NSS, by which
// LibreOffice and Poppler sign, writes lengths that end where they end. What
// is DER already comes out as it was.
func definite(b []byte, depth int) (der, rest []byte, err error) {
	if len(b) < 2 || depth > 32 || b[0]&0x1f == 0x1f {
		return nil, nil, errForm
	}
	tag, body, endless := b[0], b[2:], b[1] == 0x80
	if !endless {
		n, skip := int(b[1]), 0
		if n > 0x80 {
			if skip = n - 0x80; skip > 4 || skip > len(body) {
				return nil, nil, errForm
			}
			n = 0
			for _, c := range body[:skip] {
				n = n<<8 | int(c)
			}
		}
		if n < 0 || n > len(body)-skip {
			return nil, nil, errForm
		}
		body, rest = body[skip:skip+n], body[skip+n:]
	}
	if tag&0x20 == 0 {
		if endless {
			return nil, nil, errForm
		}
		return header(tag, body), rest, nil
	}
	joined := tag == asn1.TagOctetString|0x20
	var inner []byte
	for len(body) > 0 || endless {
		if endless && len(body) >= 2 && body[0] == 0 && body[1] == 0 {
			rest = body[2:]
			break
		}
		var one []byte
		if one, body, err = definite(body, depth+1); err != nil {
			return nil, nil, err
		}
		if joined {
			var piece []byte
			if _, err := asn1.Unmarshal(one, &piece); err != nil {
				return nil, nil, err
			}
			one = piece
		}
		inner = append(inner, one...)
	}
	if joined {
		tag = asn1.TagOctetString
	}
	return header(tag, inner), rest, nil
}

// header puts a tag and a length before the body of a value.
func header(tag byte, body []byte) []byte {
	out := []byte{tag}
	switch n := len(body); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 1<<8:
		out = append(out, 0x81, byte(n))
	case n < 1<<16:
		out = append(out, 0x82, byte(n>>8), byte(n))
	case n < 1<<24:
		out = append(out, 0x83, byte(n>>16), byte(n>>8), byte(n))
	default:
		out = append(out, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, body...)
}
