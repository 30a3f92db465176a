package admission

import "time"

// shrink drops fields and items for as long as the disagreement stays, half a minute at most.
func shrink(document object, holds func(object) bool) object {
	end := time.Now().Add(30 * time.Second)
	for {
		smaller, ok := smaller(document, holds, end)
		if !ok {
			return document
		}
		document = smaller
	}
}

// smaller drops the first field or item that can go, the largest parts first.
func smaller(document object, holds func(object) bool, end time.Time) (object, bool) {
	var all []place
	places(document, nil, &all)
	for _, at := range all {
		if time.Now().After(end) {
			return nil, false
		}
		without, ok := changed(document, at.path, dropped).(object)
		if ok && holds(without) {
			return without, true
		}
	}
	return nil, false
}

func dropped(holder any, index int) any {
	switch h := holder.(type) {
	case object:
		return append(append(object{}, h[:index]...), h[index+1:]...)
	case list:
		return append(append(list{}, h[:index]...), h[index+1:]...)
	}
	return holder
}
