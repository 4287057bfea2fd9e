// Package h2 asks one question over HTTP/2 and reads no more than the status
// of the answer: enough to tell that what was agreed by ALPN is also spoken.
package h2

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Bounds of one answer.
const (
	maxFrame  = 16 << 10 // the smallest that a peer may be kept to: RFC 9113 §4.2
	maxFrames = 100
	maxBlock  = 64 << 10 // of a header, unpacked
)

// Ask sends GET path and gives the status of the answer.
func Ask(rw io.ReadWriter, authority, path, userAgent string) (status int, err error) {
	fr := http2.NewFramer(rw, rw)
	fr.SetMaxReadFrameSize(maxFrame)
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	fr.MaxHeaderListSize = maxBlock
	if _, err := io.WriteString(rw, http2.ClientPreface); err != nil {
		return 0, err
	}
	if err := fr.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: 0}); err != nil {
		return 0, err
	}
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for _, f := range [][2]string{
		{":method", "GET"}, {":scheme", "https"}, {":authority", authority}, {":path", path},
		{"user-agent", userAgent}, {"accept", "text/html, */*;q=0.5"},
	} {
		if err := enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			return 0, err
		}
	}
	if err := fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}); err != nil {
		return 0, err
	}
	return answer(fr)
}

func answer(fr *http2.Framer) (int, error) {
	for range maxFrames {
		f, err := fr.ReadFrame()
		if err != nil {
			return 0, err
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				if err := fr.WriteSettingsAck(); err != nil {
					return 0, err
				}
			}
		case *http2.PingFrame:
			if !f.IsAck() {
				if err := fr.WritePing(true, f.Data); err != nil {
					return 0, err
				}
			}
		case *http2.GoAwayFrame:
			return 0, fmt.Errorf("the server takes leave: %v", f.ErrCode)
		case *http2.RSTStreamFrame:
			return 0, fmt.Errorf("the server ends the request: %v", f.ErrCode)
		case *http2.MetaHeadersFrame:
			status, err := strconv.Atoi(f.PseudoValue("status"))
			if f.StreamID != 1 || err != nil || status < 100 || status > 999 {
				return 0, errors.New("an answer without a status")
			}
			if status >= 200 { // else it is an interim one
				return status, nil
			}
		}
	}
	return 0, fmt.Errorf("no answer in %d frames", maxFrames)
}
