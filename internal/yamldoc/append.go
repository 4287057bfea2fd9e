package yamldoc

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/sansang/sansang/internal/lang"
)

// Append adds an item to a list at the top of a file, and makes the list if
// there is none. It edits the text: every other byte, comments included, stays
// as it was. The result is read again and must hold what the file held and the
// item; where no edit does that, the error says what to write by hand.
func Append(data []byte, list string, item any) ([]byte, error) {
	doc, err := Parse("", data)
	if err != nil {
		return nil, err
	}
	top, ok := doc.Value.(map[string]any)
	if !ok {
		return nil, Problems{doc.Problem(nil, lang.Tf("tệp không gồm các mục dạng «tên: giá trị», nên không có chỗ cho %s", "the file is not made of entries «name: value», so %s has no place in it", list), lang.Text{})}
	}
	held, isList := top[list].([]any)
	if !isList && top[list] != nil {
		return nil, Problems{doc.Problem([]any{list}, lang.Tf("mục %s không phải danh sách", "%s is not a list", list), lang.T("viết mỗi dòng bắt đầu bằng «- »", "begin each of its lines with «- »"))}
	}
	raw, value, err := plainly(item)
	if err != nil {
		return nil, err
	}
	want := make(map[string]any, len(top)+1)
	for k, v := range top {
		want[k] = v
	}
	want[list] = append(held[:len(held):len(held)], value)
	for _, edited := range newSheet(doc, data, list).edits(raw, len(held)) {
		if got, err := Parse("", edited); err == nil && reflect.DeepEqual(got.Value, any(want)) {
			return edited, nil
		}
	}
	line := flow(raw)
	return nil, Problems{doc.Problem([]any{list}, lang.Tf("không tự thêm được vào mục %s mà giữ nguyên phần còn lại của tệp", "cannot add to %s and leave the rest of the file as it is", list),
		lang.Tf("tự thêm vào mục %s: %s", "add to %s by hand: %s", list, line))}
}

// plainly gives an item as JSON in the order of its fields, and as the values
// that Parse would give for it.
func plainly(item any) (json.RawMessage, any, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(item); err != nil {
		return nil, nil, err
	}
	raw := bytes.TrimSpace(buf.Bytes())
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return raw, v, err
}
