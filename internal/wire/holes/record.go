package holes

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/sansang/sansang/internal/wire/hello"
)

// The types of record: RFC 5246 §6.2.1, RFC 6520 §3.
const (
	recordCCS         = 20
	recordAlert       = 21
	recordHandshake   = 22
	recordApplication = 23
	recordHeartbeat   = 24

	recordHeader = 5
	maxRecord    = 1<<14 + 2048
)

// The types of handshake message: RFC 5246 §7.4.
const (
	msgServerHello       = 2
	msgClientKeyExchange = 16
	msgFinished          = 20
)

func appendRecord(b []byte, kind byte, v hello.Version, payload []byte) []byte {
	b = binary.BigEndian.AppendUint16(append(b, kind), uint16(v))
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	return append(b, payload...)
}

// readHeader reads what stands before a record, and how long that is.
func readHeader(r io.Reader) (kind byte, n int, err error) {
	var head [recordHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, err
	}
	n = int(binary.BigEndian.Uint16(head[3:]))
	if head[0] < recordCCS || head[0] > recordHeartbeat || head[1] != 3 || n > maxRecord {
		return 0, 0, fmt.Errorf("no TLS record: it begins with % x", head)
	}
	return head[0], n, nil
}

// readRecord reads a record and allocates no more than arrives.
func readRecord(r io.Reader) (kind byte, payload []byte, err error) {
	kind, n, err := readHeader(r)
	if err != nil {
		return 0, nil, err
	}
	payload, err = io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && len(payload) < n {
		err = io.ErrUnexpectedEOF
	}
	return kind, payload, err
}

// The alerts that tell something here: RFC 5246 §7.2, RFC 7507 §3.
const (
	alertCloseNotify           = 0
	alertUnexpectedMessage     = 10
	alertBadRecordMAC          = 20
	alertDecryptionFailed      = 21
	alertInappropriateFallback = 86
	alertNoRenegotiation       = 100

	levelFatal = 2
)

var alertNames = map[byte]string{
	0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
	40: "handshake_failure", 47: "illegal_parameter", 50: "decode_error", 51: "decrypt_error", 70: "protocol_version",
	80: "internal_error", 86: "inappropriate_fallback", 100: "no_renegotiation", 109: "missing_extension", 110: "unsupported_extension",
}

func alertName(code byte) string {
	if name, ok := alertNames[code]; ok {
		return fmt.Sprintf("alert %s(%d)", name, code)
	}
	return fmt.Sprintf("alert %d", code)
}
