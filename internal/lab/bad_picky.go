package lab

import (
	"bufio"

	"github.com/sansang/sansang/internal/lang"
)

// badPicky are good web sites but for hellos that they should bear.
var badPicky = []Recipe{
	{Name: "hello-long", Kind: "https", Nature: Bad, About: lang.T(
		"Đóng kết nối khi lời chào TLS dài hơn 255 byte.",
		"Closes the connection on a TLS hello longer than 255 bytes."),
		start: https(picky{minds: isLong}.spoil)},
	{Name: "hello-unknown", Kind: "https", Nature: Bad, About: lang.T(
		"Đóng kết nối khi lời chào TLS có phần mở rộng hay bộ mật mã lạ.",
		"Closes the connection on a TLS hello with unknown extensions or suites."),
		start: https(picky{minds: isUnknown}.spoil)},
	{Name: "hello-newer", Kind: "https", Nature: Bad, About: lang.T(
		"Từ chối lời chào nêu phiên bản TLS mới hơn, thay vì trả lời bằng phiên bản tốt nhất của mình.",
		"Refuses a hello that names a newer version of TLS instead of answering with its own best."),
		start: https(picky{minds: isNewer, alert: alertProtocolVersion}.spoil)},
	{Name: "hello-keyless", Kind: "https", Nature: Bad, About: lang.T(
		"Đóng kết nối khi lời chào TLS 1.3 chưa kèm khóa nào, thay vì yêu cầu gửi khóa.",
		"Closes the connection on a TLS 1.3 hello without a key instead of asking for one."),
		start: https(picky{minds: isKeyless}.spoil)},
}

// picky is a front that turns away the hellos that it minds.
type picky struct {
	minds func(wish) bool
	alert byte // that it says; 0: it closes without a word
}

func (p picky) spoil(w *website) { w.behind = front(p.answer).listener }

func (p picky) answer(r *bufio.Reader, _ []byte) []byte {
	w, ok := peekWish(r)
	switch {
	case !ok || !p.minds(w):
		return nil
	case p.alert == 0:
		return []byte{}
	}
	return []byte{recordAlert, 3, 3, 0, 2, 2, p.alert}
}

func isLong(w wish) bool { return w.size-recordHeader > 255 }

func isNewer(w wish) bool { return w.version > versionTLS12 }

func isUnknown(w wish) bool {
	for id := range w.extensions {
		if isGrease(id) {
			return true
		}
	}
	for _, id := range w.suites {
		if isGrease(id) {
			return true
		}
	}
	return false
}

// isGrease tells of the values that RFC 8701 keeps free for good.
func isGrease(id uint16) bool { return id&0x0f0f == 0x0a0a && id>>8 == id&0xff }

func isKeyless(w wish) bool {
	keys, ok := w.extensions[extKeyShare]
	return ok && len(keys) == 2
}
