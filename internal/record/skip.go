package record

// deepest is how far values may be nested to be stepped over by hand.
const deepest = 64

// value steps over an object, and gives it.
func (c *cursor) value(to *[]byte) bool {
	from := c.at
	if c.peek() != '{' || !c.any(0) {
		return false
	}
	*to = c.b[from:c.at]
	return true
}

// any steps over a JSON value without white space (RFC 8259).
func (c *cursor) any(depth int) bool {
	if depth > deepest {
		return false
	}
	switch x := c.peek(); x {
	case '{':
		c.at++
		if c.lit(`}`) {
			return true
		}
		for {
			if !c.text() || !c.lit(`:`) || !c.any(depth+1) {
				return false
			}
			if !c.lit(`,`) {
				return c.lit(`}`)
			}
		}
	case '[':
		c.at++
		if c.lit(`]`) {
			return true
		}
		for {
			if !c.any(depth + 1) {
				return false
			}
			if !c.lit(`,`) {
				return c.lit(`]`)
			}
		}
	case '"':
		return c.text()
	case 't':
		return c.lit(`true`)
	case 'f':
		return c.lit(`false`)
	case 'n':
		return c.lit(`null`)
	default:
		return c.decimal()
	}
}

// text steps over a string.
func (c *cursor) text() bool {
	if c.peek() != '"' {
		return false
	}
	for i := c.at + 1; i < len(c.b); i++ {
		switch x := c.b[i]; {
		case x == '"':
			c.at = i + 1
			return true
		case x < ' ':
			return false
		case x == '\\':
			i++
			if i >= len(c.b) {
				return false
			}
			switch c.b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if i+4 >= len(c.b) || !hex4(c.b[i+1:i+5]) {
					return false
				}
				i += 4
			default:
				return false
			}
		}
	}
	return false
}

func hex4(s []byte) bool {
	for _, x := range s {
		if x-'0' > 9 && (x|0x20)-'a' > 5 {
			return false
		}
	}
	return true
}

// decimal steps over a number.
func (c *cursor) decimal() bool {
	c.lit(`-`)
	if !c.lit(`0`) && !c.digits() {
		return false
	}
	if c.lit(`.`) && !c.digits() {
		return false
	}
	if c.peek()|0x20 == 'e' {
		c.at++
		if !c.lit(`+`) {
			c.lit(`-`)
		}
		return c.digits()
	}
	return true
}

func (c *cursor) digits() bool {
	from := c.at
	for c.at < len(c.b) && c.b[c.at]-'0' <= 9 {
		c.at++
	}
	return c.at > from
}
