package data

import (
	"strings"
	"unicode"

	"tuned/trainer/data/source"
)

// measureNames are the units of measure that may stand behind a number, in any letter case. Names of one unit are joined by "=".
const measureNames = `
	µg mg g=gr=gram=grams kg=kgs t=ton=tons lb=lbs oz
	µm mm cm m=meter=meters km=kms in=inch=inches ft=feet yd mi=mile=miles
	mm² cm² m²=m2=qm=sqm km²=km2 ft²=ft2=sqft ha acres=acre=ac m³=m3
	ml cl dl l=liter=liters=litre=litres gal
	° °C °F
	ms s=sec=secs=second=seconds min=mins=minute=minutes hours=h=hr=hrs=hour days=d=day weeks=wk=wks=week months=mo=mos=month
	years=yr=yrs=year
	kW kWh Hz kHz MHz GHz KB MB GB TB
	km/h=kmh=kph mph m/s rpm bpm mmHg hPa psi mmol/l mg/dl g/dl g/l kg/m²=kg/m2 kcal px pt pts pcs`

// measures has for each name of a unit, in lower case, the first one.
var measures = func() map[string]string {
	all := map[string]string{}
	for _, unit := range strings.Fields(measureNames) {
		names := strings.Split(unit, "=")
		for _, name := range names {
			all[strings.ToLower(name)] = names[0]
		}
	}
	return all
}()

// isMeasure tells a unit of measure from a currency's and from "%".
func isMeasure(unit string) bool { return measures[strings.ToLower(unit)] != "" }

// measured parts a number from the unit of measure behind it; unit is "" where there is none that is known.
func measured(cell string) (number, unit string) {
	at := strings.IndexFunc(cell, func(r rune) bool { return unicode.IsLetter(r) || r == '°' })
	if at <= 0 {
		return cell, ""
	}
	name := strings.ReplaceAll(strings.ToLower(cell[at:]), " ", "")
	return source.Trim(cell[:at]), measures[name]
}
