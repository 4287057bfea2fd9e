package record

// Reader reads assessments one after the other, for judging alone.
type Reader struct{}

// Open reads an assessment file.
func (r *Reader) Open(path string) (*Assessment, error) { return Open(path) }
