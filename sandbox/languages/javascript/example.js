// Each guest should be greeted by their own name. Who is the last one to arrive?

const guests = ['Ada', 'Grace', 'Linus', 'Margaret']

for (var i = 0; i < guests.length; i++) {
  setTimeout(() => {
    console.log(`Welcome, ${guests[i].toUpperCase()}!`)
  }, 300 * i)
}

console.log(`${guests.length} guests are on their way…`)
