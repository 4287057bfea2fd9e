package service

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
)

// MongoDB's wire protocol: mongodb.com/docs/manual/reference/mongodb-wire-protocol.
const (
	mongoReply = 1
	mongoQuery = 2004
	mongoMsg   = 2013
)

// mongoHello asks as the oldest clients do, which every server answers.
var mongoHello = mongoPacket(mongoQuery, "\x00\x00\x00\x00admin.$cmd\x00\x00\x00\x00\x00\xff\xff\xff\xff"+bson("\x10isMaster\x00\x01\x00\x00\x00"))

// mongoList asks for the names of the databases, of which only the number is
// kept. Servers before 3.6 take no OP_MSG.
var (
	mongoListBody = "\x10listDatabases\x00\x01\x00\x00\x00" + "\x08nameOnly\x00\x01"
	mongoListMsg  = mongoPacket(mongoMsg, "\x00\x00\x00\x00\x00"+bson(mongoListBody+"\x02$db\x00\x06\x00\x00\x00admin\x00"))
	mongoListOld  = mongoPacket(mongoQuery, "\x00\x00\x00\x00admin.$cmd\x00\x00\x00\x00\x00\xff\xff\xff\xff"+bson(mongoListBody))
)

func bson(elements string) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(len(elements)+5))) + elements + "\x00"
}

func mongoPacket(opcode uint32, body string) string {
	b := binary.LittleEndian.AppendUint32(nil, uint32(16+len(body)))
	b = binary.LittleEndian.AppendUint32(b, 1) // request
	b = binary.LittleEndian.AppendUint32(b, 0)
	return string(binary.LittleEndian.AppendUint32(b, opcode)) + body
}

var mongodb = protocol{name: "mongodb", ports: []int{27017, 27018, 27019}, hello: mongoHello, knows: func(asked bool, h string) (Service, bool) {
	d, ok := mongoDocument(h)
	_, size := d["maxBsonObjectSize"]
	_, wire := d["maxWireVersion"]
	return Service{Product: "MongoDB", Banner: "isMaster"}, ok && asked && (size || wire)
}}

func wholeMongo(s string) bool {
	return len(s) >= 4 && uint64(len(s)) >= uint64(binary.LittleEndian.Uint32([]byte(s)))
}

// mongoDocument reads the numbers and texts at the top of a whole answer, and
// how long its arrays are.
func mongoDocument(h string) (map[string]any, bool) {
	if !wholeMongo(h) || len(h) < 16 {
		return nil, false
	}
	body := h[16:]
	switch binary.LittleEndian.Uint32([]byte(h[12:])) {
	case mongoReply:
		if len(body) < 20 {
			return nil, false
		}
		body = body[20:]
	case mongoMsg:
		if len(body) < 5 || body[4] != 0 {
			return nil, false
		}
		body = body[5:]
	default:
		return nil, false
	}
	out := map[string]any{}
	return out, readBSON(body, func(name string, v any) { out[name] = v })
}

// readBSON walks over the elements of a document (bsonspec.org). Of documents
// and arrays inside it tells the number of elements, a level deep.
func readBSON(s string, each func(string, any)) bool {
	if len(s) < 5 {
		return false
	}
	n := binary.LittleEndian.Uint32([]byte(s))
	if n < 5 || uint64(n) > uint64(len(s)) {
		return false
	}
	s = s[4:n]
	for len(s) > 1 {
		kind := s[0]
		end := 1
		for end < len(s) && s[end] != 0 {
			end++
		}
		if end == len(s) {
			return false
		}
		name, rest := s[1:end], s[end+1:]
		size, v, ok := bsonValue(kind, rest)
		if !ok || size > len(rest) {
			return false
		}
		each(name, v)
		s = rest[size:]
	}
	return len(s) == 1
}

func bsonValue(kind byte, s string) (size int, v any, ok bool) {
	fixed := map[byte]int{0x01: 8, 0x07: 12, 0x08: 1, 0x09: 8, 0x0a: 0, 0x10: 4, 0x11: 8, 0x12: 8, 0x13: 16, 0xff: 0, 0x7f: 0}
	if n, is := fixed[kind]; is {
		if len(s) < n {
			return 0, nil, false
		}
		switch kind {
		case 0x01:
			v = math.Float64frombits(binary.LittleEndian.Uint64([]byte(s)))
		case 0x10:
			v = float64(int32(binary.LittleEndian.Uint32([]byte(s))))
		}
		return n, v, true
	}
	if len(s) < 4 {
		return 0, nil, false
	}
	n := int64(binary.LittleEndian.Uint32([]byte(s)))
	if n > int64(len(s)) {
		return 0, nil, false
	}
	switch kind {
	case 0x02: // text, with its final zero
		if n < 1 || n+4 > int64(len(s)) {
			return 0, nil, false
		}
		return int(n) + 4, s[4 : 3+n], true
	case 0x03, 0x04: // document, array
		if n < 5 {
			return 0, nil, false
		}
		count := 0
		if kind == 0x04 && !readBSONFlat(s[:n], &count) {
			return 0, nil, false
		}
		return int(n), count, true
	case 0x05: // bytes
		return int(n) + 5, nil, true
	}
	return 0, nil, false
}

// readBSONFlat counts the documents of an array without looking into them.
func readBSONFlat(s string, count *int) bool {
	for s = s[4:]; len(s) > 1; *count++ {
		end := 1
		for end < len(s) && s[end] != 0 {
			end++
		}
		if s[0] != 0x03 || len(s) < end+5 {
			return true // an array of something else
		}
		n := int64(binary.LittleEndian.Uint32([]byte(s[end+1:])))
		if n < 5 || int64(end)+1+n > int64(len(s)) {
			return false
		}
		s = s[int64(end)+1+n:]
	}
	return true
}

// askMongo asks for the databases: a server with access control says
// Unauthorized (13) to whoever has not logged in.
func askMongo(ctx context.Context, t Target) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.ask(mongoHello, wholeMongo)
		d, ok := mongoDocument(said)
		if !ok {
			return strange(said, err)
		}
		question := mongoListOld
		if v, _ := d["maxWireVersion"].(float64); v >= 6 {
			question = mongoListMsg
		}
		t.quiet(k)
		said, err = k.ask(question, wholeMongo)
		if d, ok = mongoDocument(said); !ok {
			return strange("", err)
		}
		code, _ := d["code"].(float64)
		words, _ := d["errmsg"].(string)
		switch {
		case d["ok"] == 1.0:
			n, _ := d["databases"].(int)
			a = open("listDatabases: ok, %d databases", n)
		case code == 13 || code == 18 || has(words, "not authorized", "requires authentication"):
			a = shut("listDatabases: code %.0f", code)
		default:
			return fmt.Errorf("%w: listDatabases: code %.0f", errStrange, code)
		}
		return nil
	})
	return a, err
}
