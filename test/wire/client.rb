# SPDX-License-Identifier: Apache-2.0
# client.rb PORT: the scenario of clients.py with Ruby's XML-RPC client, which OpenNebula's own clients
# for Ruby use, too.
require 'rexml/document'
require 'xmlrpc/client'

SESSION = 'oneadmin:throwaway'
TEXT = "Grüße, 漢字, ελληνικά & <tag> 'one' \"two\" %41"
URL = "http://127.0.0.1:#{ARGV[0]}/RPC2"
RESULTS = []

def check(name, holds, seen = '')
  RESULTS << holds
  puts "#{holds ? 'ok  ' : 'FAIL'} ruby: #{name}#{holds ? '' : ": #{seen.inspect[0, 300]}"}"
end

def new_client
  client = XMLRPC::Client.new2(URL)
  client.http_header_extra = { 'accept-encoding' => 'identity' }
  client
end

def call(client, method, *args)
  reply = client.call(method, SESSION, *args)
  raise "#{method}: #{reply[1]}" unless reply[0]
  reply[1]
end

def text_of(document, path)
  element = REXML::Document.new(document).root.elements[path]
  element && element.texts.map(&:value).join
end

def wait(client, method, id, tag, value)
  stop = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 20
  until text_of(call(client, method, id), tag) == value.to_s
    raise "#{method} #{id}: #{tag} is not #{value}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > stop
    sleep 0.02
  end
end

def quoted(text)
  '"' + text.gsub('"', '\\"') + '"'
end

def texts(client)
  made = call(client, 'one.template.allocate', "NAME=#{quoted('Übung 漢字 2')}\nCPU=1\nMEMORY=64\nNOTE=#{quoted(TEXT)}")
  document = call(client, 'one.template.info', made)
  note = text_of(document, 'TEMPLATE/NOTE')
  check('text beyond ASCII and markup come back', note == TEXT, note)
  check('a name beyond ASCII comes back', text_of(document, 'NAME') == 'Übung 漢字 2', document)
  reply = client.call('one.template.info', "#{SESSION}ß", made)
  check('a password beyond ASCII is only wrong', reply[0] == false && reply[2] == 256, reply)
end

# From allocate to done.
def life(client)
  host = call(client, 'one.host.allocate', 'node-ruby', 'dummy', 'dummy', -1)
  wait(client, 'one.host.info', host, 'STATE', 2)
  vm = call(client, 'one.vm.allocate', "NAME=\"vm\"\nCPU=0.1\nMEMORY=16\nNOTE=#{quoted(TEXT)}\n", true)
  check('an id is an int', vm.is_a?(Integer), vm)
  call(client, 'one.vm.deploy', vm, host)
  wait(client, 'one.vm.info', vm, 'LCM_STATE', 3)
  [['poweroff', 8], ['resume', 3], ['suspend', 5], ['resume', 3], ['terminate-hard', 6]].each do |action, state|
    call(client, 'one.vm.action', action, vm)
    wait(client, 'one.vm.info', vm, 'STATE', state)
    wait(client, 'one.vm.info', vm, 'LCM_STATE', 3) if state == 3
  end
  document = call(client, 'one.vm.info', vm)
  check('a life from allocate to done', text_of(document, 'ETIME').to_i.positive?, document)
  check('its text is still whole', text_of(document, 'USER_TEMPLATE/NOTE') == TEXT, document)
end

def failures(client)
  reply = client.call('one.vm.info', SESSION, 99999)
  check('a failure has five elements', reply.size == 5 && reply[0] == false && reply[2, 2] == [0x400, 99999], reply)
  reply = client.call('one.system.version', SESSION)
  check('a success has three', reply.size == 3 && reply[0] == true && reply[2].zero?, reply)
  [['no such method', -506, ['one.no.such', SESSION]], ['a wrong type', -501, ['one.vm.info', SESSION, 'x']],
   ['too few parameters', -501, ['one.vm.info', SESSION]], ['no session', -500, ['one.vm.info']]].each do |name, code, wrong|
    begin
      check("a fault for #{name}", false, client.call(*wrong))
    rescue XMLRPC::FaultException => e
      check("a fault for #{name}", e.faultCode == code && !e.faultString.empty?, e)
    end
  end
  check('calls go on after faults', !call(client, 'one.system.version').empty?)
end

def large(client)
  body = "é<&>#{'漢字' * 50_000}" # its parser takes the square of the time for many entities
  made = Array.new(10) { |n| call(client, 'one.template.allocate', "NAME=\"big #{n}\"\nBODY=\"#{body}\"") }
  pool = call(client, 'one.templatepool.info', -2, made.min, made.max)
  bodies = pool.scan(/<BODY><!\[CDATA\[(.*?)\]\]><\/BODY>/m).flatten
  check('a pool of a million characters is whole', bodies == [body] * made.size, pool.size)
  text = '0123456789' * 200_000
  one = call(client, 'one.template.allocate', "NAME=\"biggest\"\nBODY=\"#{text}\"")
  check('a value of two million characters comes back', call(client, 'one.template.info', one).include?("[#{text}]"))
end

def connections
  kept = new_client
  sockets = Array.new(25) do
    call(kept, 'one.system.version')
    kept.http.started? ? kept.http.instance_variable_get(:@socket).io.local_address.ip_port : nil
  end
  check('25 calls on one kept connection', sockets.uniq.size == 1 && sockets[0], sockets.uniq)
  versions = Array.new(50) { new_client.call_async('one.system.version', SESSION)[1] }
  check('50 calls on a connection each', versions.uniq.size == 1, versions.uniq)
  threads = Array.new(8) do
    Thread.new { client = new_client; Array.new(20) { call(client, 'one.hostpool.info').start_with?('<HOST_POOL>') } }
  end
  answers = threads.flat_map(&:value)
  check('8 clients at once, 20 calls each', answers == [true] * 160, answers.size)
end

client = new_client
%i[texts life failures large].each do |part|
  begin
    send(part, client)
  rescue StandardError => e
    check(part.to_s, false, e)
  end
end
connections
failed = RESULTS.count { |holds| !holds }
puts "#{RESULTS.size - failed} passed, #{failed} failed"
exit(failed.zero? ? 0 : 1)
